//! What `ptxas`, the assembler of the CUDA toolkit, makes of PTX: registers, and what did not fit into them.

use std::path::Path;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

use op2_core::device::api::Fault;

/// What one entry of a program became for one GPU.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Assembled {
    /// The entry.
    pub entry: String,
    /// Registers of each work-item.
    pub registers: u32,
    /// Bytes that each work-item writes because registers ran out.
    pub spill_stores: u32,
    /// Bytes that it reads back.
    pub spill_loads: u32,
    /// Bytes of each work-item's own memory outside registers, spilled ones included.
    pub stack: u32,
    /// Bytes that the work-items of a group share.
    pub shared: u32,
}

/// Assembles PTX for a compute capability, times ten, with the `ptxas` at this path.
///
/// # Errors
/// [`Fault::NotCompiled`]: what the assembler says. [`Fault::Driver`]: it does not run.
pub fn assemble(ptxas: &Path, ptx: &str, arch: u32) -> Result<Vec<Assembled>, Fault> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let stem = env::temp_dir().join(format!("op2-{}-{count}", process::id()));
    let (input, output) = (stem.with_extension("ptx"), stem.with_extension("cubin"));
    let fault = |error| Fault::Driver(format!("{}: {error}", ptxas.display()));
    fs::write(&input, ptx).map_err(fault)?;
    let ran = Command::new(ptxas)
        .args(["-v", &format!("-arch=sm_{arch}"), "-o"])
        .args([&output, &input])
        .output();
    // What is left behind in the folder of temporary files is no loss.
    fs::remove_file(&input).ok();
    fs::remove_file(&output).ok();
    let ran = ran.map_err(fault)?;
    let said = String::from_utf8_lossy(&ran.stderr) + String::from_utf8_lossy(&ran.stdout);
    if !ran.status.success() {
        return Err(Fault::NotCompiled { log: format!("ptxas: {}", said.trim_end()) });
    }
    Ok(Assembled::parse(&said))
}

impl Assembled {
    /// Reads what `ptxas -v` says, one for each entry, in its order.
    pub fn parse(said: &str) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for line in said.lines() {
            if let Some(entry) = between(line, "Compiling entry function '", "'") {
                all.push(Self { entry: entry.to_owned(), ..Self::default() });
            } else if let Some(one) = all.last_mut() {
                one.read(line);
            }
        }
        all
    }

    /// Lines have their numbers in front of the words: `32 bytes stack frame, 0 bytes spill stores, ..`.
    fn read(&mut self, line: &str) {
        for part in line.split([',', ':']) {
            let mut words = part.trim().trim_start_matches("Used ").splitn(2, ' ');
            let Some(number) = words.next().and_then(|word| word.parse().ok()) else { continue };
            match words.next().unwrap_or_default() {
                "registers" => self.registers = number,
                "bytes spill stores" => self.spill_stores = number,
                "bytes spill loads" => self.spill_loads = number,
                "bytes stack frame" => self.stack = number,
                "bytes smem" => self.shared = number,
                _ => {}
            }
        }
    }
}

fn between<'a>(line: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    rest.split_once(after).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'res_calc' for 'sm_90'
ptxas info    : Function properties for res_calc
    56 bytes stack frame, 48 bytes spill stores, 40 bytes spill loads
ptxas info    : Used 128 registers, used 1 barriers, 56 bytes cumulative stack size, 2048 bytes smem, 384 bytes cmem[0]
ptxas info    : Compile time = 5.500 ms
ptxas info    : Compiling entry function 'update' for 'sm_90'
ptxas info    : Function properties for update
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 12 registers, used 0 barriers
";

    #[test]
    fn the_assembler_is_understood() {
        let all = Assembled::parse(SAID);
        let spilled = Assembled {
            entry: "res_calc".to_owned(),
            registers: 128,
            spill_stores: 48,
            spill_loads: 40,
            stack: 56,
            shared: 2048,
        };
        let small = Assembled { entry: "update".to_owned(), registers: 12, ..Assembled::default() };
        assert_eq!(all, [spilled, small]);
    }

    #[test]
    fn an_assembler_that_is_not_there_is_named() {
        let fault = assemble(Path::new("/no/such/ptxas"), "", 90).unwrap_err();
        assert!(fault.to_string().starts_with("/no/such/ptxas: "), "{fault}");
    }
}
