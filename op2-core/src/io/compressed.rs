//! Opening a file that may be compressed, as one stream of plain bytes.
//!
//! Zstandard and xz are recognized by their first bytes and decompressed while reading, in pure
//! Rust and bounded memory; the ending of the name is only used to notice a mislabeled file.
//! What the bytes mean is left to the readers above.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use lzma_rust2::XzReader;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::ReadError;

/// Size of the read buffers: large enough to make system calls rare.
const BUFFER: usize = 256 * 1024;
/// Largest zstd window accepted: a header may ask for terabytes, `zstd -19` asks for 8 MiB.
const ZSTD_WINDOW: u64 = 64 << 20;
/// Largest memory an xz stream may ask for, in KiB: `xz -9` needs 65 MiB.
const XZ_MEMORY_KIB: u32 = 72 << 10;

const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const XZ_MAGIC: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];

/// A file opened for reading.
pub(super) struct Source {
    /// The decompressed bytes.
    pub(super) bytes: Box<dyn BufRead>,
    /// How many bytes there will be, where the file system knows (not for a compressed file).
    pub(super) size: Option<u64>,
}

/// Opens `path` and decompresses it on the way, if it is compressed.
pub(super) fn open(path: &Path) -> Result<Source, ReadError> {
    let fail = |error: io::Error| ReadError::whole_file(path, format!("cannot be read: {error}"));
    let file = File::open(path).map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    if metadata.is_dir() {
        return Err(ReadError::whole_file(path, "is a directory, not a mesh file"));
    }
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let start = reader.fill_buf().map_err(fail)?;
    match Packing::of(start) {
        Packing::None => {
            check_ending(path)?;
            let size = metadata.is_file().then_some(metadata.len());
            Ok(Source { bytes: Box::new(reader), size })
        }
        Packing::Zstd => Ok(unpacked(ZstdReader::new(reader))),
        Packing::Xz => Ok(unpacked(XzReader::new_mem_limit(reader, true, XZ_MEMORY_KIB))),
        Packing::Unsupported(name) => Err(ReadError::whole_file(
            path,
            format!("is compressed with {name}, which is not supported; use zstd or xz"),
        )),
    }
}

fn unpacked(stream: impl Read + 'static) -> Source {
    Source { bytes: Box::new(BufReader::with_capacity(BUFFER, stream)), size: None }
}

/// How the bytes of a file are packed, by their first few.
enum Packing {
    None,
    Zstd,
    Xz,
    Unsupported(&'static str),
}

impl Packing {
    fn of(start: &[u8]) -> Self {
        if start.starts_with(ZSTD_MAGIC) {
            Self::Zstd
        } else if start.starts_with(XZ_MAGIC) {
            Self::Xz
        } else if start.starts_with(&[0x1f, 0x8b]) {
            Self::Unsupported("gzip")
        } else if start.starts_with(b"BZh") {
            Self::Unsupported("bzip2")
        } else if start.starts_with(b"PK\x03\x04") {
            Self::Unsupported("zip")
        } else {
            Self::None
        }
    }
}

/// Refuses a name that promises compression when the bytes are not compressed: most often a
/// download that stored a page or a pointer in place of the file.
fn check_ending(path: &Path) -> Result<(), ReadError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some(ending @ ("zst" | "xz")) => Err(ReadError::whole_file(
            path,
            format!("is named `.{ending}`, but does not begin as such a file does"),
        )),
        _ => Ok(()),
    }
}

/// The frames of a zstd file, one after another, with their checksums verified.
struct ZstdReader<R> {
    packed: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> ZstdReader<R> {
    fn new(packed: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW);
        Self { packed, decoder, in_frame: false }
    }

    fn begin_frame(&mut self) -> io::Result<()> {
        self.decoder.init(&mut self.packed).map_err(io::Error::other)?;
        self.in_frame = true;
        Ok(())
    }

    fn end_frame(&mut self) -> io::Result<()> {
        self.in_frame = false;
        let promised = self.decoder.get_checksum_from_data();
        if promised.is_some() && promised != self.decoder.get_calculated_checksum() {
            return Err(io::Error::other("the checksum of the zstd frame does not match"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                if self.packed.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.begin_frame()?;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.packed, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let read = self.decoder.read(into)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            self.end_frame()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::op2_text::tests::Scratch;

    /// `printf '1 2\n' | zstd`: one frame with a checksum.
    const ZSTD_FRAME: &[u8] = include_bytes!("testdata/two_numbers.zst");
    /// `printf '1 2\n' | xz`.
    const XZ_STREAM: &[u8] = include_bytes!("testdata/two_numbers.xz");

    fn read(name: &str, bytes: &[u8]) -> Result<String, String> {
        let file = Scratch::new(name, bytes);
        let mut source = open(file.path()).map_err(|error| error.to_string())?;
        let mut text = String::new();
        source.bytes.read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    #[test]
    fn files_are_unpacked_by_their_first_bytes() {
        assert_eq!(read("a.dat", b"1 2\n").unwrap(), "1 2\n");
        assert_eq!(read("a.dat.zst", ZSTD_FRAME).unwrap(), "1 2\n");
        assert_eq!(read("a.dat.xz", XZ_STREAM).unwrap(), "1 2\n");
        assert_eq!(read("no_ending", XZ_STREAM).unwrap(), "1 2\n");
    }

    #[test]
    fn frames_that_follow_each_other_are_joined() {
        let twice = [ZSTD_FRAME, ZSTD_FRAME].concat();
        assert_eq!(read("twice.zst", &twice).unwrap(), "1 2\n1 2\n");
    }

    #[test]
    fn only_a_plain_file_knows_its_size() {
        let plain = Scratch::new("size.dat", b"1 2\n");
        assert_eq!(open(plain.path()).unwrap().size, Some(4));
        let packed = Scratch::new("size.zst", ZSTD_FRAME);
        assert_eq!(open(packed.path()).unwrap().size, None);
    }

    #[test]
    fn a_damaged_frame_fails_its_checksum() {
        let mut damaged = ZSTD_FRAME.to_vec();
        let text = damaged.len() - 4 - 4;
        assert_eq!(damaged[text], b'1');
        damaged[text] = b'7';
        assert!(read("damaged.zst", &damaged).unwrap_err().contains("checksum"));
    }

    #[test]
    fn damage_and_truncation_are_errors() {
        for whole in [ZSTD_FRAME, XZ_STREAM] {
            for length in 7..whole.len() {
                assert!(read("cut", &whole[..length]).is_err(), "{length} of {}", whole.len());
            }
        }
        assert!(read("junk.zst", &[ZSTD_FRAME, b"junk"].concat()).is_err());
    }

    #[test]
    fn other_packings_and_mislabeled_files_are_named() {
        assert!(read("a.gz", &[0x1f, 0x8b, 8]).unwrap_err().contains("gzip"));
        assert!(read("plain.zst", b"1 2\n").unwrap_err().contains("named `.zst`"));
        assert!(open(&std::env::temp_dir()).err().unwrap().to_string().contains("directory"));
    }
}
