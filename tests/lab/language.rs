//! The reference is true: every word has an example, and every example runs in a fresh lab; what can fail says with which errors.

use super::harness::{Suite, claims};
use super::run::Lab;
use labsh::script::{Interpreter, reference};
use std::collections::BTreeMap;

pub fn trials(suite: &mut Suite) {
    claims! { suite: every_word_has_an_example; every_word_that_reads_or_changes_something_has_its_errors; }
    let interpreter = Interpreter::new();
    let mut names = BTreeMap::<String, usize>::new();
    for (path, code) in reference::examples(interpreter.catalogue()) {
        let count = names.entry(path.clone()).and_modify(|count| *count += 1).or_insert(1);
        let name = if *count == 1 { format!("example_of {path}") } else { format!("example_of {path} ({count})") };
        suite.claim(module_path!(), &name, &[], move || {
            Lab::script(&code).run().ok();
        });
    }
}

fn every_word_has_an_example() {
    let interpreter = Interpreter::new();
    assert_eq!(reference::without_example(interpreter.catalogue()), Vec::<String>::new());
    assert!(interpreter.catalogue().entries().len() > 100, "the catalogue is nearly empty");
}

fn every_word_that_reads_or_changes_something_has_its_errors() {
    let interpreter = Interpreter::new();
    assert_eq!(reference::without_errors(interpreter.catalogue()), Vec::<String>::new());
}
