//! Option maps: strict keys, typed values. An option is never silently without effect.

use super::catalogue::{Key, Options};
use super::reading;
use crate::error::{Error, Kind, Result};
use crate::kernel::field::{Field, Form, Setting, Value};
use crate::lab::{Link, Netns};
use crate::near;
use ipnet::IpNet;
use rhai::{Array, Dynamic, Map};
use std::net::IpAddr;
use std::time::Duration;

/// An option map whose keys have been checked.
pub(crate) struct Opts {
    map: Map,
    word: String,
}

impl Opts {
    /// The map that was left out.
    pub(crate) fn none() -> Opts {
        Opts { map: Map::new(), word: String::new() }
    }

    /// Checks the keys.
    pub(crate) fn read(map: Map, table: &'static Options, word: &str) -> Result<Opts> {
        for key in map.keys() {
            if !table.names().any(|known| known == key.as_str()) {
                return Err(unknown_option(key, table.keys, word));
            }
        }
        Ok(Opts { map, word: word.to_string() })
    }

    /// Reads a map that is the value of a key.
    pub(crate) fn nested(&self, key: &'static str, table: &'static Options) -> Result<Opts> {
        match self.map.get(key) {
            None => Ok(Opts { map: Map::new(), word: key.to_string() }),
            Some(value) => {
                let map = value.clone().try_cast::<Map>().ok_or_else(|| self.wrong(key, value, "a map"))?;
                Opts::read(map, table, key)
            }
        }
    }

    /// Returns the keys that are given.
    pub(crate) fn given(&self) -> impl Iterator<Item = &str> {
        self.map.iter().filter(|(_, value)| !value.is_unit()).map(|(key, _)| key.as_str())
    }

    /// Makes the error of a key that does not fit the other ones.
    pub(crate) fn unfit(&self, key: &str, cause: impl Into<String>) -> Error {
        Error::new(Kind::BadArgument, "use option", format!("`{key}` of `{}`", self.word), cause)
    }

    /// Reads a setting of a table; links are of that namespace.
    pub(crate) fn setting(&self, field: &'static Field, netns: &Netns) -> Result<Option<Setting>> {
        let key = field.name;
        let value = match field.form {
            Form::Number(_, low, high) => self.number::<u64>(key, low..=high)?.map(Value::Number),
            Form::Log => self.number::<u64>(key, 1..=1 << 18)?.map(Value::Number),
            Form::GreKey => self.number::<u64>(key, 0..=i64::from(u32::MAX))?.map(Value::Number),
            Form::Switch(..) | Form::Flag | Form::GreFlag(_) | Form::Bit(_) => self.bool(key)?.map(Value::On),
            Form::Word(_, words) => {
                let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                let read = |text: &str| words.iter().find(|(word, _)| *word == text).map(|(word, _)| Value::Word(word));
                self.word(key, &names, read)?
            }
            Form::Ip(_) => self.ip(key)?.map(Value::Ip),
            Form::Device => self.link(key, netns)?.map(|link| Value::Device(link.index(), link.name())),
            Form::Time(..) => self.duration(key)?.map(Value::Time),
            Form::Rate(_) => self.rate(key)?.map(Value::Number),
            Form::Size(_) => self.size(key)?.map(Value::Number),
        };
        Ok(value.map(|value| (field, value)))
    }

    /// Reads a rate in bit/s.
    pub(crate) fn rate(&self, key: &'static str) -> Result<Option<u64>> {
        self.value(key, "a rate with its unit, as in \"10mbit\"", |value| {
            value.clone().into_string().ok().map(|text| crate::lab::units::parse_rate(&text))
        })
    }

    /// Reads a size in bytes: a number, or a text with its unit.
    pub(crate) fn size(&self, key: &'static str) -> Result<Option<u64>> {
        self.value(key, "a number of bytes, or a size with its unit, as in \"32kb\"", |value| match value.as_int() {
            Ok(bytes) => u64::try_from(bytes).ok().map(Ok),
            Err(_) => value.clone().into_string().ok().map(|text| crate::lab::units::parse_size(&text)),
        })
    }

    /// Reads a share: a text with a percent sign, as `tc` writes it. 1 is all.
    pub(crate) fn share(&self, key: &'static str) -> Result<Option<f64>> {
        self.value(key, "a share in percent, as in \"1%\"", |value| {
            value.clone().into_string().ok().map(|text| crate::lab::units::parse_share(&text))
        })
    }

    /// Reads a text, a number as it is written, or a link by its name.
    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        let value = self.map.get(key).filter(|value| !value.is_unit())?;
        match value.clone().try_cast::<Link>() {
            Some(link) => Some(link.name()),
            None => Some(value.to_string()),
        }
    }

    /// Returns a value as it is.
    pub(crate) fn any(&self, key: &str) -> Option<Dynamic> {
        self.map.get(key).filter(|value| !value.is_unit()).cloned()
    }

    /// Reads a list.
    pub(crate) fn array(&self, key: &'static str) -> Result<Array> {
        Ok(self.value(key, "a list", |value| value.clone().try_cast::<Array>().map(Ok))?.unwrap_or_default())
    }

    /// Reads a text, or a list of them.
    pub(crate) fn texts(&self, key: &'static str) -> Result<Vec<String>> {
        let read = |value: &Dynamic| match value.clone().try_cast::<Array>() {
            Some(list) => list.into_iter().map(|item| item.into_string().ok()).collect::<Option<Vec<String>>>().map(Ok),
            None => value.clone().into_string().ok().map(|text| Ok(vec![text])),
        };
        Ok(self.value(key, "a string, or a list of them", read)?.unwrap_or_default())
    }

    /// Reads a list of links of a namespace, each a handle or a name.
    pub(crate) fn links(&self, key: &'static str, netns: &Netns) -> Result<Vec<Link>> {
        let read = |value: &Dynamic| -> Option<Result<Vec<Link>>> {
            value.clone().try_cast::<Array>()?.iter().map(|item| reading::link_in(item, netns)).collect()
        };
        Ok(self.value(key, "a list of links or their names", read)?.unwrap_or_default())
    }

    fn value<T>(&self, key: &'static str, takes: &str, read: impl FnOnce(&Dynamic) -> Option<Result<T>>) -> Result<Option<T>> {
        let Some(value) = self.map.get(key).filter(|value| !value.is_unit()) else { return Ok(None) };
        read(value).unwrap_or_else(|| Err(self.wrong(key, value, takes))).map(Some)
    }

    fn wrong(&self, key: &str, value: &Dynamic, takes: &str) -> Error {
        let got = reading::type_word(value);
        Error::new(Kind::BadArgument, "use option", format!("`{key}` of `{}`", self.word), format!("it takes {takes}, not {got}"))
    }

    pub(crate) fn string(&self, key: &'static str) -> Result<Option<String>> {
        self.value(key, "a string", |value| value.clone().into_string().ok().map(Ok))
    }

    pub(crate) fn bool(&self, key: &'static str) -> Result<Option<bool>> {
        self.value(key, "true or false", |value| value.as_bool().ok().map(Ok))
    }

    /// Reads a number between bounds.
    pub(crate) fn number<T: TryFrom<i64>>(&self, key: &'static str, bounds: std::ops::RangeInclusive<i64>) -> Result<Option<T>> {
        let takes = format!("a number from {} to {}", bounds.start(), bounds.end());
        self.value(key, &takes, |value| {
            let number = value.as_int().ok()?;
            let fits = bounds.contains(&number).then(|| T::try_from(number).ok()).flatten();
            Some(fits.ok_or_else(|| {
                let cause = format!("it takes {takes}, not {number}");
                Error::new(Kind::BadArgument, "use option", format!("`{key}` of `{}`", self.word), cause)
            }))
        })
    }

    pub(crate) fn duration(&self, key: &'static str) -> Result<Option<Duration>> {
        self.value(key, "a duration with its unit, as in \"50ms\"", |value| {
            value.clone().into_string().ok().map(|text| crate::lab::wait::parse_span(&text))
        })
    }

    pub(crate) fn ip(&self, key: &'static str) -> Result<Option<IpAddr>> {
        self.value(key, "an address", |value| value.clone().into_string().ok().map(|text| reading::ip(&text)))
    }

    pub(crate) fn mac(&self, key: &'static str) -> Result<Option<crate::kernel::Mac>> {
        self.value(key, "a MAC address", |value| value.clone().into_string().ok().map(|text| crate::lab::link::parse_mac(&text)))
    }

    pub(crate) fn netns(&self, key: &'static str) -> Result<Option<Netns>> {
        self.value(key, "a Netns", |value| value.clone().try_cast::<Netns>().map(Ok))
    }

    /// Reads a link of a namespace: a handle, or a name.
    pub(crate) fn link(&self, key: &'static str, netns: &Netns) -> Result<Option<Link>> {
        self.value(key, "a link or its name", |value| reading::link_in(value, netns))
    }

    /// The link that is meant: the handle's own, or `dev`.
    pub(crate) fn link_of(&self, own: Option<&Link>, netns: &Netns, doing: &str, object: &str) -> Result<Link> {
        match (own, self.link("dev", netns)?) {
            (Some(link), None) => Ok(link.clone()),
            (None, Some(link)) => Ok(link),
            (Some(link), Some(_)) => Err(self.unfit("dev", format!("the handle is link `{}` already", link.name()))),
            (None, None) => {
                let error = Error::new(Kind::BadArgument, doing, object, "it is not said on which link").in_netns(netns.name());
                Err(error.hint(format!("add #{{ dev: \"eth0\" }}, or call it on a link: ns.link(\"eth0\").{object}")))
            }
        }
    }

    /// Reads one CIDR, or a list of them.
    pub(crate) fn cidrs(&self, key: &'static str) -> Result<Vec<IpNet>> {
        let read = |value: &Dynamic| match value.clone().try_cast::<Array>() {
            Some(list) => list.into_iter().map(|item| item.into_string().ok().map(|text| reading::cidr(&text))).collect(),
            None => value.clone().into_string().ok().map(|text| reading::cidr(&text).map(|net| vec![net])),
        };
        Ok(self.value(key, "an address with its prefix length, or a list of them", read)?.unwrap_or_default())
    }

    /// Reads a list of maps.
    pub(crate) fn maps(&self, key: &'static str, table: &'static Options) -> Result<Vec<Opts>> {
        let read = |value: &Dynamic| -> Option<Result<Vec<Opts>>> {
            let maps: Option<Vec<Map>> = value.clone().try_cast::<Array>()?.into_iter().map(Dynamic::try_cast).collect();
            Some(maps?.into_iter().map(|map| Opts::read(map, table, key)).collect())
        };
        Ok(self.value(key, "a list of maps", read)?.unwrap_or_default())
    }

    /// Reads a map of strings.
    pub(crate) fn strings(&self, key: &'static str) -> Result<Vec<(String, String)>> {
        let read = |value: &Dynamic| {
            let map = value.clone().try_cast::<Map>()?;
            Some(Ok(map.into_iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()))
        };
        Ok(self.value(key, "a map", read)?.unwrap_or_default())
    }

    /// Reads one of some words.
    pub(crate) fn word<T>(&self, key: &'static str, words: &[&str], read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        self.value(key, "a word", |value| {
            let text = value.clone().into_string().ok()?;
            Some(read(&text).ok_or_else(|| {
                let cause = format!("`{text}` is not one of {}", words.join(", "));
                let error = Error::new(Kind::BadArgument, "use option", format!("`{key}` of `{}`", self.word), cause);
                error.maybe_hint(near::did_you_mean(&text, words.iter().copied()))
            }))
        })
    }
}

fn unknown_option(key: &str, known: &[Key], word: &str) -> Error {
    let names: Vec<&str> = known.iter().map(|key| key.name).collect();
    let hint = near::did_you_mean(key, names.iter().copied()).unwrap_or_else(|| near::takes(&names, word));
    Error::new(Kind::UnknownOption, "use option", format!("`{key}`"), format!("`{word}` has no such option")).hint(hint)
}
