//! Compiles the sources of device programs (`OP2_DUMP_SOURCE`) to PTX, on machines without a GPU: says what
//! each takes of a GPU, and writes what production loads (`OP2_PTX_DIR`).

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use lexopt::prelude::*;
use op2_cuda::ptx::{self, Assembled, assemble};

const HELP: &str = "\
Compiles CUDA sources of op2's loops to PTX; no GPU is needed, but NVRTC is.

Usage: op2-ptx [options] FOLDER

FOLDER has the sources: run your program with OP2_DUMP_SOURCE=FOLDER, on backend cuda or memcheck.

  --arch N,N      compute capabilities, times ten               [80,90]
  --ship DIR      write PTX for the least of them, to be given to the
                  program as OP2_PTX_DIR
  --contract      let multiplications and additions become one operation
  --ptxas FILE    assemble, and print registers and spills      [$PTXAS]
  -h, --help      print this
";

/// What the user asks.
struct Wishes {
    folder: PathBuf,
    archs: Vec<u32>,
    ship: Option<PathBuf>,
    contract: bool,
    ptxas: Option<PathBuf>,
}

fn main() -> ExitCode {
    match wishes().and_then(|wishes| wishes.map_or(Ok(()), |wishes| run(&wishes))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("op2-ptx: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn wishes() -> Result<Option<Wishes>, String> {
    let mut parser = lexopt::Parser::from_env();
    let (mut folder, mut archs) = (None, vec![80, 90]);
    let (mut ship, mut contract) = (None, false);
    let mut ptxas = env::var_os("PTXAS").map(PathBuf::from);
    while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
        let text = |error: lexopt::Error| error.to_string();
        match arg {
            Long("arch") => {
                let list = parser.value().and_then(ValueExt::string);
                archs = numbers(&list.map_err(text)?)?;
            }
            Long("ship") => ship = Some(parser.value().map_err(text)?.into()),
            Long("contract") => contract = true,
            Long("ptxas") => ptxas = Some(parser.value().map_err(text)?.into()),
            Short('h') | Long("help") => {
                print!("{HELP}");
                return Ok(None);
            }
            Value(path) if folder.is_none() => folder = Some(path.into()),
            other => return Err(format!("{}\nTry `--help`.", other.unexpected())),
        }
    }
    let folder = folder.ok_or("name the folder of the sources\nTry `--help`.")?;
    Ok(Some(Wishes { folder, archs, ship, contract, ptxas }))
}

fn numbers(list: &str) -> Result<Vec<u32>, String> {
    let mut archs = Vec::new();
    for part in list.split(',') {
        let arch =
            part.trim().parse().map_err(|_| format!("`--arch {list}`: `{part}` is no number"))?;
        archs.push(arch);
    }
    archs.sort_unstable();
    Ok(archs)
}

fn run(wishes: &Wishes) -> Result<(), String> {
    let sources = sources(&wishes.folder)?;
    let next = AtomicUsize::new(0);
    let (all, refused) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    let work = || {
        while let Some(path) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
            match compile(wishes, path) {
                Ok(assembled) => all.lock().expect("nobody panics").extend(assembled),
                Err(reason) => {
                    refused.fetch_add(1, Ordering::Relaxed);
                    eprintln!("{}: {reason}", path.display());
                }
            }
        }
    };
    thread::scope(|scope| {
        (0..thread::available_parallelism().map_or(1, usize::from)).for_each(|_| {
            scope.spawn(work);
        });
    });
    let refused = refused.into_inner();
    report(&all.into_inner().expect("nobody panics"));
    println!("{} programs for {:?}, {refused} refused", sources.len(), wishes.archs);
    if refused > 0 { Err("some programs were refused".to_owned()) } else { Ok(()) }
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|ending| ending == "cu") {
            sources.push(path);
        }
    }
    sources.sort();
    if sources.is_empty() {
        return Err(format!("{}: there are no sources (*.cu)", folder.display()));
    }
    Ok(sources)
}

/// Compiles one program for all GPUs; what it became, where there is an assembler.
fn compile(wishes: &Wishes, path: &Path) -> Result<Vec<(String, u32, Assembled)>, String> {
    let text = &fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file = path.file_stem().unwrap_or_default().to_string_lossy();
    // `NAME-HASH.cu`, of the loop's name.
    let name = file.rsplit_once('-').map_or(&*file, |(name, _)| name);
    let mut all = Vec::new();
    for (i, &arch) in wishes.archs.iter().enumerate() {
        if let (0, Some(folder)) = (i, &wishes.ship) {
            ptx::ship(folder, name, text, arch, wishes.contract).map_err(|e| e.to_string())?;
        }
        let ptx = ptx::compile(text, arch, wishes.contract).map_err(|e| e.to_string())?;
        if let Some(ptxas) = &wishes.ptxas {
            let assembled = assemble(ptxas, &ptx, arch).map_err(|e| e.to_string())?;
            all.extend(assembled.into_iter().map(|one| (file.clone().into_owned(), arch, one)));
        }
    }
    Ok(all)
}

/// One line for each program and GPU, those that spill last.
fn report(all: &[(String, u32, Assembled)]) {
    if all.is_empty() {
        return;
    }
    println!(
        "{:<44} {:>5} {:>9} {:>7} {:>6} {:>6}",
        "program", "arch", "registers", "spilled", "stack", "shared"
    );
    let mut rows: Vec<_> = all.iter().collect();
    rows.sort_by_key(|(file, arch, one)| (one.spill_stores, file.clone(), *arch));
    for (file, arch, one) in rows {
        let Assembled { registers, spill_stores, stack, shared, .. } = one;
        println!("{file:<44} {arch:>5} {registers:>9} {spill_stores:>7} {stack:>6} {shared:>6}");
    }
}
