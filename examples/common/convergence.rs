//! How errors fall as meshes become finer, beside how they should.

use serde_json::{Value, json};

/// The errors of several meshes in several norms.
///
/// The order of a norm is the power of the mesh width with which its error falls, taken from the last
/// two meshes; a higher one than the theory promises is welcome, as regular meshes can have it.
#[derive(Debug, Clone)]
pub(crate) struct Convergence {
    norms: Vec<(&'static str, f64)>,
    /// How far below the order of the theory an observed one may be.
    slack: f64,
    widths: Vec<f64>,
    errors: Vec<Vec<f64>>,
}

impl Convergence {
    /// The names of the norms, each with the order that the theory promises, and how far below these the
    /// observed ones may be: on coarse meshes they are not yet what they become.
    pub(crate) fn new(norms: &[(&'static str, f64)], slack: f64) -> Self {
        Self { norms: norms.to_vec(), slack, widths: Vec::new(), errors: Vec::new() }
    }

    /// Adds the errors on a mesh of this width, one for each norm.
    pub(crate) fn add(&mut self, width: f64, errors: &[f64]) {
        assert_eq!(errors.len(), self.norms.len(), "an error in each norm");
        self.widths.push(width);
        self.errors.push(errors.to_vec());
    }

    /// The order of each norm from one mesh to the next, ending with this one.
    fn orders_at(&self, mesh: usize) -> Option<Vec<f64>> {
        let before = mesh.checked_sub(1)?;
        let finer = (self.widths[before] / self.widths[mesh]).ln();
        let pairs = self.errors[before].iter().zip(&self.errors[mesh]);
        Some(pairs.map(|(coarse, fine)| (coarse / fine).ln() / finer).collect())
    }

    /// The orders from the last but one mesh to the last.
    pub(crate) fn orders(&self) -> Option<Vec<f64>> {
        self.orders_at(self.errors.len().checked_sub(1)?)
    }

    fn head(&self) -> String {
        let names = self.norms.iter().map(|(name, _)| format!("  {name:>14}  order"));
        names.collect::<Vec<_>>().concat()
    }

    fn row(&self) -> String {
        let Some(errors) = self.errors.last() else { return String::new() };
        let orders = self.orders();
        let order = |norm: usize| {
            orders.as_ref().map_or_else(String::new, |orders| format!("{:.3}", orders[norm]))
        };
        let errors = errors.iter().enumerate();
        let columns = errors.map(|(i, error)| format!("  {error:>14.6e}  {:>5}", order(i)));
        columns.collect::<Vec<_>>().concat()
    }

    /// Whether all orders are at least those of the theory, and the sentence that says so; nothing with
    /// a single mesh.
    pub(crate) fn verdict(&self) -> Option<(bool, String)> {
        let orders = self.orders()?;
        let passes = |(&order, (_, theory)): (&f64, &(&str, f64))| order >= theory - self.slack;
        let passed = orders.iter().zip(&self.norms).all(passes);
        let tell = |(order, (name, theory)): (&f64, &(&str, f64))| {
            format!("{name} error falls with order {order:.3} (theory: {theory})")
        };
        let sentences: Vec<_> = orders.iter().zip(&self.norms).map(tell).collect();
        let verdict = if passed { "PASSED" } else { "FAILED" };
        let sentences = sentences.join(", ");
        Some((passed, format!("{verdict}: {sentences}; {} less is allowed", self.slack)))
    }

    /// By norm: the errors mesh by mesh, and the last order.
    pub(crate) fn to_json(&self) -> Value {
        let orders = self.orders();
        let norm = |(i, (name, _)): (usize, &(&str, f64))| {
            let errors: Vec<f64> = self.errors.iter().map(|errors| errors[i]).collect();
            let order = orders.as_ref().map(|orders| orders[i]);
            ((*name).to_owned(), json!({ "errors": errors, "order": order }))
        };
        Value::Object(self.norms.iter().enumerate().map(norm).collect())
    }
}

/// One row of the table of meshes, from coarse to fine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) cells: usize,
    pub(crate) unknowns: usize,
    /// What the solver took; none of a direct one.
    pub(crate) iterations: Option<usize>,
    /// The errors on this mesh and on those before, where the solution is known.
    pub(crate) convergence: Option<&'a Convergence>,
    pub(crate) seconds: f64,
}

impl Row<'_> {
    /// The head of the table, for a solver of this name.
    pub(crate) fn head(solver: &str, convergence: Option<&Convergence>) -> String {
        let iterations = format!("{solver} its.");
        let errors = convergence.map_or_else(String::new, Convergence::head);
        format!("{:>9}  {:>9}  {iterations:>11}{errors}  {:>8}", "cells", "unknowns", "seconds")
    }
}

impl std::fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let &Self { cells, unknowns, iterations, convergence, seconds } = self;
        let iterations = iterations.map_or_else(|| "direct".to_owned(), |count| count.to_string());
        let errors = convergence.map_or_else(String::new, Convergence::row);
        write!(f, "{cells:>9}  {unknowns:>9}  {iterations:>11}{errors}  {seconds:>8.3}")
    }
}

/// Sizes of meshes that become finer by halving, up to this one.
///
/// # Errors
/// A size that cannot be halved as often as there are coarser meshes.
pub(crate) fn coarser((i, j): (usize, usize), levels: u32) -> Result<Vec<(usize, usize)>, String> {
    let sizes = (0..levels).rev().map(|halvings| {
        let part = 2_usize.checked_pow(halvings).unwrap_or(usize::MAX);
        let divides = i.is_multiple_of(part) && j.is_multiple_of(part);
        divides.then(|| (i / part, j / part)).ok_or_else(|| {
            format!(
                "`--size {i},{j}` cannot be halved for {levels} levels: give another, or fewer levels"
            )
        })
    });
    sizes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(fine: [f64; 2]) -> Convergence {
        let mut study = Convergence::new(&[("L2", 2.0), ("H1", 1.0)], 0.2);
        study.add(0.5, &[0.4, 0.8]);
        study.add(0.25, &fine);
        study
    }

    #[test]
    fn orders_are_powers_of_the_width() {
        assert_eq!(study([0.1, 0.4]).orders(), Some(vec![2.0, 1.0]));
        assert!(study([0.1, 0.4]).row().ends_with("4.000000e-1  1.000"));
        let json = study([0.1, 0.2]).to_json();
        assert_eq!((&json["H1"]["order"], &json["L2"]["errors"][1]), (&2.0.into(), &0.1.into()));
    }

    #[test]
    fn an_order_may_be_higher_but_not_lower() {
        let (passed, sentence) = study([0.1, 0.2]).verdict().unwrap();
        assert!(passed);
        assert_eq!(
            sentence,
            "PASSED: L2 error falls with order 2.000 (theory: 2), \
             H1 error falls with order 2.000 (theory: 1); 0.2 less is allowed"
        );
        assert!(!study([0.2, 0.4]).verdict().unwrap().0);
        assert!(!study([f64::NAN, 0.4]).verdict().unwrap().0);
    }

    #[test]
    fn rows_stand_below_the_head() {
        let study = study([0.1, 0.2]);
        let row = Row {
            cells: 8,
            unknowns: 9,
            iterations: None,
            convergence: Some(&study),
            seconds: 0.5,
        };
        assert_eq!(Row::head("CG", Some(&study)).len(), row.to_string().len());
        let row = Row { iterations: Some(12), convergence: None, ..row };
        assert_eq!(row.to_string(), "        8          9           12     0.500");
    }

    #[test]
    fn one_mesh_has_no_order() {
        let mut study = Convergence::new(&[("L2", 2.0)], 0.2);
        assert!(study.verdict().is_none());
        study.add(0.5, &[0.4]);
        assert!(study.verdict().is_none() && study.row().contains("4.000000e-1"));
    }

    #[test]
    fn meshes_become_finer_by_halving() {
        assert_eq!(coarser((64, 16), 3), Ok(vec![(16, 4), (32, 8), (64, 16)]));
        assert_eq!(coarser((3, 1), 1), Ok(vec![(3, 1)]));
        assert!(coarser((6, 3), 2).unwrap_err().contains("cannot be halved for 2 levels"));
        assert!(coarser((6, 3), 99).is_err());
    }
}
