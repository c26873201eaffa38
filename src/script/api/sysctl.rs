//! `sysctl::…`: kernel parameters.

use super::super::fault::Scripted;
use super::super::registry::{Registry, finish, printable, words};
use super::super::session::Call;
use super::object;
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use rhai::{Dynamic, NativeCallContext};

object! {
    /// The kernel parameters of a namespace.
    Sysctls = "sysctl"
}

fn set(sysctls: &Sysctls, call: &Call, key: &str, value: &Dynamic) -> Result<Sysctls> {
    let text = match (value.as_int(), value.as_bool()) {
        (Ok(number), _) => number.to_string(),
        (_, Ok(on)) => i32::from(on).to_string(),
        _ => value.clone().into_string().map_err(|got| {
            let cause = format!("a parameter takes a string, a number, or true or false, not {got}");
            Error::new(Kind::BadArgument, "set sysctl", format!("`{key}`"), cause).in_netns(sysctls.0.name())
        })?,
    };
    call.step(|| sentence::sysctl_set(&sysctls.0, key, &text));
    sysctls.0.set_sysctl(key, &text)?;
    Ok(sysctls.clone())
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Sysctls>(registry, |sysctls| format!("the kernel parameters of netns `{}`", sysctls.0.name()));
    words!(registry, Sysctls, [module "sysctl"];
        /// Reads a kernel parameter, with dots or slashes as sysctl(8).
        ///
        /// Errors: `not-found`, with the nearest name.
        ///
        /// ```rhai
        /// expect(sysctl::get("net.ipv4.ip_forward") == "0");
        /// ```
        fn get(sysctls, call, key: &str) -> String { sysctls.0.sysctl(key) }

        /// Writes a kernel parameter.
        ///
        /// Errors: `not-found`, `bad-argument`, `not-permitted` for what belongs to the whole machine.
        ///
        /// ```rhai
        /// sysctl::set("net.ipv4.ip_forward", 1);
        /// expect(sysctl::get("net/ipv4/ip_forward") == "1");
        /// expect_error(|| sysctl::set("kernel.panic", 1), "not-permitted");
        /// ```
        fn set(sysctls, call, key: &str, value: Dynamic as "int|string|bool") -> Sysctls { set(sysctls, call, key, &value) }
    );
    rhai::FuncRegistration::new_index_getter()
        .set_into_module(&mut registry.globals, |ctx: NativeCallContext, sysctls: &mut Sysctls, key: &str| -> Scripted<String> {
            finish(&ctx, |_| sysctls.0.sysctl(key))
        });
    rhai::FuncRegistration::new_index_setter().set_into_module(
        &mut registry.globals,
        |ctx: NativeCallContext, sysctls: &mut Sysctls, key: &str, value: Dynamic| -> Scripted<()> {
            finish(&ctx, |call| set(sysctls, call, key, &value).map(|_| ()))
        },
    );
}
