//! What `catch (e)` gets.

use super::super::fault::Fault;
use super::super::registry::{Registry, printable, properties, script_types};

script_types! { Fault = "Error" }

pub(super) fn register(registry: &mut Registry) {
    printable::<Fault>(registry, |fault| fault.error.to_string());
    properties!(registry, Fault;
        /// The class of the error, for comparing: `exists`, `not-found`, `unreachable`, `timeout` …
        ///
        /// ```rhai
        /// try { netns::get("nobody") } catch (e) { expect(e.kind == "not-found") }
        /// ```
        fn kind(fault, call) -> String { Ok(fault.error.kind().slug().to_string()) }

        /// The name of the errno, or `()`.
        ///
        /// ```rhai
        /// try { ping("192.0.2.1") } catch (e) { expect(e.errno == "ENETUNREACH") }
        /// ```
        fn errno(fault, call) -> Option<String> { Ok(fault.error.errno().map(str::to_string)) }

        /// What was attempted.
        ///
        /// ```rhai
        /// try { netns::get("nobody") } catch (e) { expect(e.operation == "find netns") }
        /// ```
        fn operation(fault, call) -> String { Ok(fault.error.operation().to_string()) }

        /// On what it was attempted.
        ///
        /// ```rhai
        /// try { netns::get("nobody") } catch (e) { expect(e.subject == "`nobody`") }
        /// ```
        fn subject(fault, call) -> String { Ok(fault.error.subject().to_string()) }

        /// The name of the namespace in which it was attempted, or `()`.
        ///
        /// ```rhai
        /// try { ping("192.0.2.1") } catch (e) { expect(e.netns == "root") }
        /// ```
        fn netns(fault, call) -> Option<String> { Ok(fault.error.netns().map(str::to_string)) }

        /// The kernel's own sentence, or `()`.
        ///
        /// ```rhai
        /// try { route::add("default", #{ via: "10.0.0.1" }) } catch (e) { expect(e.kernel == "Nexthop has invalid gateway") }
        /// ```
        fn kernel(fault, call) -> Option<String> { Ok(fault.error.kernel().map(str::to_string)) }

        /// What to try, or `()`.
        ///
        /// ```rhai
        /// netns::add("blue");
        /// try { netns::get("blues") } catch (e) { expect(e.hint == "did you mean `blue`?") }
        /// ```
        fn hint(fault, call) -> Option<String> { Ok(fault.error.fix().map(str::to_string)) }

        /// The whole message; so is `${e}`.
        ///
        /// ```rhai
        /// try { netns::get("nobody") } catch (e) { expect(e.message == `${e}`) }
        /// ```
        fn message(fault, call) -> String { Ok(fault.error.to_string()) }
    );
}
