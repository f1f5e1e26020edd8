//! Pictures of whole mesh files: each can be drawn, and shows what it should.
#![cfg(feature = "io")]

use std::path::PathBuf;

use op2_core::io::{Mesh, Picture};

#[path = "mesh_files/all.rs"]
mod all;
#[path = "mesh_files/folder.rs"]
mod folder;

use all::files;
use folder::find;

const WHITE: [u8; 3] = [255; 3];

/// A picture written and read back: its width, and its pixels row by row.
fn drawn(name: &str, picture: &Picture) -> (usize, Vec<[u8; 3]>) {
    let path: PathBuf =
        std::env::temp_dir().join(format!("op2-picture-{}-{name}.png", std::process::id()));
    picture.write(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width as usize, pixels.as_chunks().0.to_vec())
}

/// The share of the pixels with something on them.
fn inked(pixels: &[[u8; 3]]) -> f64 {
    pixels.iter().filter(|&&pixel| pixel != WHITE).count() as f64 / pixels.len() as f64
}

#[test]
fn every_file_can_be_drawn() {
    for (number, path) in files().into_iter().enumerate() {
        let mesh = Mesh::read(&path).unwrap();
        let measures = mesh.measures();
        let picture = Picture::of(&mesh).cell_field("measure", &measures).size(360, 240);
        let (width, pixels) = drawn(&format!("file-{number}"), &picture);
        assert_eq!((width, pixels.len()), (360, 360 * 240));
        assert!(inked(&pixels) > 0.15, "{}: {}", path.display(), inked(&pixels));
    }
}

#[test]
fn a_hump_is_brightest_in_the_middle() {
    let Some(path) = find("gmsh_sq_0.05_v22.msh.xz") else { return };
    let mesh = Mesh::read(path).unwrap();
    let hump = |&[x, y, _]: &[f64; 3]| (x * (1.0 - x) * y * (1.0 - y)).abs();
    let field: Vec<_> = mesh.points.iter().map(hump).collect();
    let picture = Picture::of(&mesh).window([0.0; 2], [1.0; 2]).point_field("u", &field);
    let (width, pixels) = drawn("hump", &picture);
    // The plot is 778 pixels wide, between margins of 72 and 156, and from row 36 on.
    assert_eq!(width, 72 + 778 + 156);
    let green =
        |x: f64, y: f64| pixels[(36 + (778.0 * y) as usize) * width + 72 + (778.0 * x) as usize][1];
    let cut: Vec<_> = (1..50).map(|k| green(f64::from(k) / 100.0, 0.5)).collect();
    assert!(cut.windows(8).all(|run| run[7] > run[0]), "{cut:?}");
    assert!(green(0.5, 0.5) > 220 && green(0.01, 0.01) < 15 && green(0.99, 0.5) < 40);
    // What is symmetric looks so.
    for (x, y) in [(0.2, 0.3), (0.4, 0.1), (0.3, 0.45)] {
        assert!(green(x, y).abs_diff(green(1.0 - x, y)) < 8, "{x} {y}");
        assert!(green(x, y).abs_diff(green(y, x)) < 8, "{x} {y}");
    }
}

#[test]
fn a_surface_hides_its_back() {
    let Some(path) = find("spot_surface.obj.xz") else { return };
    let mesh = Mesh::read(path).unwrap();
    let z: Vec<_> = mesh.points.iter().map(|point| point[2]).collect();
    let picture = Picture::of(&mesh).point_field("z", &z).up([0.0, 1.0, 0.0]).size(900, 800);
    let light = |from: [f64; 3]| {
        let name = format!("spot-{}", from[2]);
        let (width, pixels) = drawn(&name, &picture.clone().view_from(from));
        assert_eq!(pixels[0], WHITE);
        // Left of the color bar.
        let body = pixels.chunks(width).flat_map(|row| &row[80..700]).filter(|&&p| p != WHITE);
        let lights: Vec<_> = body.map(|pixel| f64::from(pixel[0]) + f64::from(pixel[1])).collect();
        assert!(lights.len() > 50_000);
        lights.iter().sum::<f64>() / lights.len() as f64
    };
    // The head is where z is lowest, and dark; the tail is bright.
    let (head, tail) = (light([0.0, 0.0, -1.0]), light([0.0, 0.0, 1.0]));
    assert!(tail > 2.0 * head, "{head} {tail}");
}
