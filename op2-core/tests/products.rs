//! Products of matrices with vectors on a device, the one that finds mistakes: the host's bits, for every
//! kind of product, entry and layout; no copy more than is needed; and mistakes are found.

#[allow(dead_code, reason = "this needs only one of the troubles")]
mod common;

use std::sync::{Arc, Mutex};

use common::{Trouble, Troubled};
use op2_core::base::config::{Backend, Settings};
use op2_core::base::element::Element;
use op2_core::base::error::Result;
use op2_core::base::layout::Layout;
use op2_core::context::Context;
use op2_core::device::api::Device;
use op2_core::device::transfers::Transfers;
use op2_core::matrix::entry::Entry;
use op2_core::matrix::mat::Mat;
use op2_core::matrix::operator::LinearOperator;
use op2_core::matrix::sparsity::Sparsity;
use op2_core::mesh::dat::Dat;
use op2_core::mesh::reorder::Reorder;
use op2_core::mesh::set::{Set, SetMarker};

struct Rows;
struct Cols;
impl SetMarker for Rows {
    const NAME: &'static str = "rows";
}
impl SetMarker for Cols {
    const NAME: &'static str = "cols";
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    /// A value of `dim` numbers between -1 and 1.
    fn value<T: Element + bytemuck::Pod, S: From<f32> + bytemuck::Pod>(&mut self) -> T {
        let mut value = T::zeroed();
        for number in bytemuck::cast_slice_mut::<T, S>(std::slice::from_mut(&mut value)) {
            *number = S::from(self.below(2_000_001) as f32 / 1e6 - 1.0);
        }
        value
    }
}

/// A matrix with vectors for all its products.
struct System<T: Entry> {
    cx: Context,
    a: Mat<Rows, Cols, T>,
    x: Dat<Cols, T::X>,
    y: Dat<Rows, T::Y>,
    z: Dat<Cols, T::X>,
}

/// Vectors of rows, and of columns.
type Results<T> = (Vec<<T as Entry>::Y>, Vec<<T as Entry>::X>);

const NUM_ROWS: usize = 83;
const NUM_COLS: usize = 61;

/// A matrix with empty rows, empty columns and a long row, its entries in a random order.
fn system<T, S>(settings: Settings, layouts: [Layout; 2]) -> Result<System<T>>
where
    T: Entry<Scalar = S>,
    S: From<f32> + bytemuck::Pod,
{
    let device: Option<Box<dyn Device>> = None;
    system_on::<T, S>(Context::new(settings, device)?, layouts)
}

fn system_on<T, S>(cx: Context, layouts: [Layout; 2]) -> Result<System<T>>
where
    T: Entry<Scalar = S>,
    S: From<f32> + bytemuck::Pod,
{
    let mut random = Random(7);
    let (rows, cols): (Set<Rows>, Set<Cols>) = (cx.set(NUM_ROWS)?, cx.set(NUM_COLS)?);
    let mut places: Vec<(u32, u32)> = (0..300)
        .map(|_| (random.below(NUM_ROWS - 5) as u32, random.below(NUM_COLS - 3) as u32))
        .chain((0..NUM_COLS as u32 - 3).map(|col| (11, col)))
        .collect();
    places.sort_unstable();
    places.dedup();
    let a = cx.mat("A", &Sparsity::from_list(&rows, &cols, &places)?)?;
    for (row, col) in places {
        a.set(row, col, random.value::<T, S>())?;
    }
    let x: Vec<T::X> = (0..NUM_COLS).map(|_| random.value::<_, S>()).collect();
    let y: Vec<T::Y> = (0..NUM_ROWS).map(|_| random.value::<_, S>()).collect();
    let x = cx.dat_in("x", &cols, x, layouts[0])?;
    let y = cx.dat_in("y", &rows, y, layouts[1])?;
    let z = x.like("z")?;
    Ok(System { cx, a, x, y, z })
}

impl<T: Entry> System<T> {
    /// The results of all kinds of products, one after the other.
    fn products(&self) -> Result<Results<T>> {
        self.a.multiply_add(&self.x, &self.y)?;
        self.a.multiply_transposed(&self.y, &self.z)?;
        let sum = self.y.to_vec()?;
        self.a.multiply(&self.z, &self.y)?;
        Ok((sum.into_iter().chain(self.y.to_vec()?).collect(), self.z.to_vec()?))
    }
}

fn on_host() -> Settings {
    Settings { backend: Backend::Seq, ..Settings::default() }
}

fn on_device(layout: Layout) -> Settings {
    let mut settings = Settings { backend: Backend::Memcheck, ..Settings::default() };
    settings.device.layout = Some(layout);
    settings
}

/// All kinds of products, in all layouts here and there, are the host's to the last bit.
fn agrees_with_the_host<T, S>() -> Result<()>
where
    T: Entry<Scalar = S>,
    S: From<f32> + bytemuck::Pod,
{
    let layouts = [Layout::Aos, Layout::Soa];
    let wanted = system::<T, S>(on_host(), [Layout::Aos; 2])?.products()?;
    for there in layouts {
        for here in layouts.iter().flat_map(|&x| layouts.map(|y| [x, y])) {
            let found = system::<T, S>(on_device(there), here)?.products()?;
            assert_eq!(found, wanted, "{} there {there}, here {here:?}", T::KIND);
        }
    }
    Ok(())
}

#[test]
fn products_of_numbers_are_those_of_the_host() -> Result<()> {
    agrees_with_the_host::<f64, f64>()?;
    agrees_with_the_host::<f32, f32>()
}

#[test]
fn products_of_blocks_are_those_of_the_host() -> Result<()> {
    agrees_with_the_host::<[[f64; 3]; 3], f64>()?;
    agrees_with_the_host::<[[f64; 3]; 2], f64>()?;
    agrees_with_the_host::<[[f64; 1]; 4], f64>()?;
    agrees_with_the_host::<[[f32; 2]; 1], f32>()?;
    agrees_with_the_host::<[[f32; 1]; 1], f32>()
}

#[test]
fn renumbered_sets_change_no_result() -> Result<()> {
    let System { cx, x, y, .. } = system::<f64, f64>(on_device(Layout::Soa), [Layout::Aos; 2])?;
    let (rows, cols) = (y.set(), x.set());
    let points: Vec<_> = (0..NUM_ROWS).map(|row| [(row * 37 % NUM_ROWS) as f64, 0.0]).collect();
    cx.reorder(&Reorder::hilbert(&cx.dat("points", &rows, points)?))?;
    assert!(rows.core().order().is_some());
    let a: Mat<Rows, Cols, f64> = cx.mat("B", &Sparsity::from_list(&rows, &cols, &[(2, 5)])?)?;
    a.set(2, 5, 3.0)?;
    a.multiply(&x, &y)?;
    let (x, y) = (x.to_vec()?, y.to_vec()?);
    let wanted = |row| if row == 2 { 3.0 * x[5] } else { 0.0 };
    assert_eq!(y, (0..NUM_ROWS).map(wanted).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn values_move_to_the_device_once() -> Result<()> {
    let System { cx, a, x, y, z } = system::<f64, f64>(on_device(Layout::Soa), [Layout::Aos; 2])?;
    let before = cx.transfers();
    for _ in 0..5 {
        a.multiply(&x, &y)?;
        a.multiply_transposed(&y, &z)?;
        a.multiply_add(&z, &y)?;
    }
    let bytes = (8 * (a.num_entries() + NUM_COLS)) as u64;
    // The matrix and `x`; `y` and `z` are replaced, so that their old values stay where they are.
    let wanted = Transfers { to_device: 2, bytes_to_device: bytes, to_host: 0, bytes_to_host: 0 };
    assert_eq!((before, cx.transfers()), (Some(Transfers::default()), Some(wanted)));
    y.to_vec()?;
    assert_eq!(cx.transfers().map(|moved| moved.to_host), Some(1));
    Ok(())
}

#[test]
fn zeros_are_made_where_the_values_are() -> Result<()> {
    let System { cx, a, x, y, .. } = system::<f64, f64>(on_device(Layout::Soa), [Layout::Aos; 2])?;
    a.multiply(&x, &y)?;
    let before = cx.transfers();
    a.zero()?;
    a.multiply(&x, &y)?;
    assert_eq!(cx.transfers(), before);
    assert_eq!(y.to_vec()?, [0.0; NUM_ROWS]);
    let shown = a.assemble()?;
    assert!(shown.csr().data().iter().all(|&value| value == 0.0));
    a.set(11, 0, 1.0)?;
    a.multiply(&x, &y)?;
    assert_eq!(y.to_vec()?[11], x.to_vec()?[0]);
    Ok(())
}

#[test]
fn a_row_of_zeros_stays_on_the_device() -> Result<()> {
    let System { cx, a, x, y, .. } = system::<f64, f64>(on_device(Layout::Soa), [Layout::Aos; 2])?;
    let (square, w) = (((), &a), cx.dat("w", &y.set(), vec![5.0; NUM_ROWS])?);
    let mixed = (square, ((), ()));
    let (from, to) = ((w.clone(), x.clone()), (y.clone(), w.like("v")?));
    mixed.apply(&from, &to)?;
    let moved = cx.transfers().map(|moved| (moved.to_device, moved.to_host));
    assert_eq!(moved, Some((2, 0)), "the matrix and x");
    assert_eq!(to.1.to_vec()?, [0.0; NUM_ROWS]);
    let plain = system::<f64, f64>(on_host(), [Layout::Aos; 2])?;
    plain.a.multiply(&plain.x, &plain.y)?;
    assert_eq!(to.0.to_vec()?, plain.y.to_vec()?);
    Ok(())
}

#[test]
fn a_matrix_without_entries_makes_zeros() -> Result<()> {
    let cx = Context::new(on_device(Layout::Soa), None)?;
    let (rows, cols, none) =
        (cx.set::<Rows>(3)?, cx.set::<Cols>(2)?, cx.set_named::<Cols>("none", 0)?);
    let y = cx.dat("y", &rows, vec![1.0; 3])?;
    let a: Mat<Rows, Cols, f64> = cx.mat("A", &Sparsity::from_list(&rows, &cols, &[])?)?;
    a.multiply(&cx.dat("x", &cols, vec![1.0; 2])?, &y)?;
    assert_eq!(y.to_vec()?, [0.0; 3]);
    let b: Mat<Rows, Cols, f64> = cx.mat("B", &Sparsity::from_list(&rows, &none, &[])?)?;
    let nothing = cx.dat_zeros("nothing", &none)?;
    b.multiply(&nothing, &y)?;
    b.multiply_transposed(&y, &nothing)?;
    assert_eq!(y.to_vec()?, [0.0; 3]);
    Ok(())
}

#[test]
fn vectors_that_do_not_fit_or_are_in_use_are_refused() -> Result<()> {
    let System { cx, a, x, y, .. } = system::<f64, f64>(on_device(Layout::Soa), [Layout::Aos; 2])?;
    let short = cx.set_named::<Cols>("short", 3)?;
    let error = a.multiply(&cx.dat("w", &short, vec![1.0; 3])?, &y).unwrap_err().to_string();
    assert!(error.contains("dat `w`") && error.contains("`short`"), "{error}");
    let guard = y.read()?;
    let error = a.multiply(&x, &y).unwrap_err().to_string();
    assert!(error.contains("drop it before the product"), "{error}");
    drop(guard);
    let guard = a.write()?;
    assert!(a.multiply(&x, &y).unwrap_err().to_string().contains("mat `A`"));
    drop(guard);
    a.multiply(&x, &y)
}

#[test]
fn products_are_in_the_report() -> Result<()> {
    let System { cx, a, x, y, z } = system::<f64, f64>(on_device(Layout::Soa), [Layout::Aos; 2])?;
    a.multiply(&x, &y)?;
    a.multiply_add(&x, &y)?;
    a.multiply_transposed(&y, &z)?;
    let report = cx.report()?;
    let calls = |name: &str| report.rows.iter().find(|row| row.name == name).map(|row| row.calls);
    assert_eq!((calls("multiply `A`"), calls("multiply transposed `A`")), (Some(2), Some(1)));
    Ok(())
}

/// A context whose device never gets an upload of so many bytes.
fn losing(bytes: usize) -> Result<Context> {
    let trouble = Arc::new(Mutex::new(Some(Trouble::Lost(bytes, 0..bytes))));
    let settings = Settings { backend: Backend::OpenCl, ..Settings::default() };
    Context::new(settings, Some(Box::new(Troubled::new(&trouble))))
}

#[test]
fn what_was_lost_on_the_way_is_missed() -> Result<()> {
    let num_entries = system::<f64, f64>(on_host(), [Layout::Aos; 2])?.a.num_entries();
    let cases = [
        (8 * NUM_COLS, "of dat `x`, which was never brought"),
        (8 * NUM_ROWS, "it needs row 0 of dat `y`, which was never brought"),
        (8 * num_entries, "of mat `A`, which was never brought"),
        (4 * (NUM_ROWS + 1), "copy of the pattern is not what the host has"),
        (4 * num_entries, "copy of the pattern is not what the host has"),
    ];
    for (bytes, wanted) in cases {
        let lossy = system_on::<f64, f64>(losing(bytes)?, [Layout::Aos; 2])?;
        let error = lossy.a.multiply_add(&lossy.x, &lossy.y).unwrap_err().to_string();
        assert!(error.contains("product of mat `A` and dat `x` on memcheck"), "{error}");
        assert!(error.contains(wanted), "{error}");
    }
    Ok(())
}

/// What one of three ranks cannot fetch from its device, nobody waits for; and nothing is lost.
#[test]
fn a_rank_that_cannot_send_says_so() -> Result<()> {
    const SIZE: u32 = 9;
    let told = op2_core::dist::threads::run(3, |comm| {
        let trouble = Arc::new(Mutex::new(None));
        let settings = Settings { backend: Backend::OpenCl, ..Settings::default() };
        let device = Box::new(Troubled::new(&trouble));
        let cx = Context::on_ranks(settings, Some(device), &*comm)?;
        let rows: Set<Rows> = cx.set(SIZE as usize)?;
        let next: Vec<_> = (0..SIZE).map(|row| [(row + 1) % SIZE]).collect();
        let places: Vec<_> = (0..SIZE).map(|row| (row, next[row as usize][0])).collect();
        let _next = cx.map("next", &rows, &rows, &next)?;
        let a = cx.mat::<_, _, f64>("A", &Sparsity::from_list(&rows, &rows, &places)?)?;
        for (row, col) in places {
            a.set(row, col, 1.0)?;
        }
        let x = cx.dat("x", &rows, (0..SIZE).map(f64::from).collect::<Vec<_>>())?;
        let y = cx.dat_zeros::<_, f64>("y", &rows)?;
        a.multiply(&x, &y)?;
        // Each rank sends one row, behind 8 bytes that say what it is.
        if comm.rank() == 1 {
            *trouble.lock().unwrap() = Some(Trouble::NoDownload(16));
        }
        let told = a.multiply(&y, &x).unwrap_err().to_string();
        *trouble.lock().unwrap() = None;
        // Had another rank waited, this would not be what all do now.
        a.multiply(&y, &x)?;
        assert_eq!(x.to_vec()?, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 0.0, 1.0]);
        Ok(told)
    })?;
    assert_eq!(told, ["rank 1: copying halo values on memcheck: the line is dead"; 3]);
    Ok(())
}
