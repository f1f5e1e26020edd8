#![no_main]

use op2_core::io::MeshFormat;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| op2_fuzz::read(bytes, MeshFormat::Gmsh));
