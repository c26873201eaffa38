//! What links are set to as routers (`ip netconf`).

use super::Netns;
use crate::error::Result;
use crate::kernel::netconf::{self, ALL, DEFAULT, Netconf, value_text};

impl Netns {
    /// Lists what all links, and the links to come, are set to, with the names of the links: `all` and `default` for the two that are none.
    ///
    /// # Errors
    ///
    /// `unsupported` by a kernel without the list.
    pub fn netconf(&self) -> Result<Vec<(Netconf, String)>> {
        let found = self.ask("list netconf", String::new, async |socket| netconf::list(socket).await)?;
        let links = self.link_states()?;
        let name = |index: i32| match index {
            ALL => "all".to_string(),
            DEFAULT => "default".to_string(),
            index => links
                .iter()
                .find(|link| i64::from(link.index) == i64::from(index))
                .map_or_else(|| format!("if{index}"), |link| link.name.clone()),
        };
        Ok(found.into_iter().map(|conf| (name(conf.index), conf)).map(|(name, conf)| (conf, name)).collect())
    }
}

/// Writes the settings of a link as `ip netconf` does.
pub fn netconf_text(conf: &Netconf, name: &str) -> String {
    let settings: Vec<String> = conf.settings.iter().map(|(word, value)| format!("{word} {}", value_text(word, *value))).collect();
    format!("{} {name} {}", conf.family, settings.join(" "))
}
