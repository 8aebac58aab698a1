//! Where settings come from: the environment and the two shared AWS files, read once.

use std::fs;

use crate::errors::Failure;
use crate::globals::Globals;
use crate::ini::{Ini, Section};
use crate::log::Log;
use crate::paramfile;

/// The value of an environment variable that is set.
type Variables = Box<dyn Fn(&str) -> Option<String>>;

/// The environment and the files.
pub(crate) struct Sources {
    variable: Variables,
    config: Ini,
    credentials: Ini,
    pub(crate) log: Log,
}

/// A setting that is looked for: in an option, in variables, then in the profile.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Its key in the config file.
    key: &'static str,
    option: Option<String>,
    variables: Vec<&'static str>,
}

impl Wanted {
    pub(crate) fn new(key: &'static str) -> Self {
        Self { key, option: None, variables: Vec::new() }
    }

    /// What an option says goes before everything.
    pub(crate) fn option(mut self, value: Option<String>) -> Self {
        self.option = value;
        self
    }

    /// A variable that may say it; those named earlier go before.
    pub(crate) fn variable(mut self, name: &'static str) -> Self {
        self.variables.push(name);
        self
    }
}

impl Sources {
    /// Reads the shared files that this user has.
    pub(crate) fn load() -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let file = |name: &str, usual: &str| {
            read(&variable(name).filter(|path| !path.is_empty()).unwrap_or_else(|| usual.to_owned()))
        };
        let config = file("AWS_CONFIG_FILE", "~/.aws/config")?;
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")?;
        Ok(Self { variable: Box::new(variable), config, credentials, log: Log::default() })
    }

    /// Tells `log` where settings come from.
    pub(crate) fn with_log(self, log: Log) -> Self {
        Self { log, ..self }
    }

    /// The value of an environment variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.set_variable(name).filter(|value| !value.is_empty())
    }

    /// The value of an environment variable that is set, perhaps to nothing.
    pub(crate) fn set_variable(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }

    /// The name of the profile in use, and whether someone chose it.
    pub(crate) fn profile(&self, globals: &Globals) -> (String, bool) {
        let chosen = globals.profile.clone().or_else(|| self.variable("AWS_PROFILE"));
        match chosen.or_else(|| self.variable("AWS_DEFAULT_PROFILE")) {
            Some(name) => (name, true),
            None => ("default".to_owned(), false),
        }
    }

    /// A profile that someone chose must be there.
    pub(crate) fn check_profile(&self, globals: &Globals) -> Result<(), Failure> {
        let (name, chosen) = self.profile(globals);
        if chosen && self.config_section(&name).is_none() && self.credentials_section(&name).is_none() {
            return Err(Failure::Other(format!("The config profile ({name}) could not be found")));
        }
        Ok(())
    }

    /// Looks for a setting, and logs where it was found.
    pub(crate) fn find(&self, globals: &Globals, wanted: &Wanted) -> Option<String> {
        let found = |value: Option<String>, place: String| value.map(|value| (value, place));
        let option = found(wanted.option.clone(), "an option".to_owned());
        let variable = || wanted.variables.iter().find_map(|name| found(self.variable(name), (*name).to_owned()));
        let in_profile = || {
            let (profile, _) = self.profile(globals);
            found(self.config_value(&profile, wanted.key), format!("the profile {profile}"))
        };
        let found = option.or_else(variable).or_else(in_profile);
        self.log.say("config", || match &found {
            Some((value, place)) => format!("{} = {value} (from {place})", wanted.key),
            None => format!("{} is not set", wanted.key),
        });
        found.map(|(value, _)| value)
    }

    /// The profile's section in the config file.
    pub(crate) fn config_section(&self, profile: &str) -> Option<&Section> {
        let own = self.config.section(&format!("profile {profile}"));
        own.or_else(|| self.config.section(profile).filter(|_| profile == "default"))
    }

    /// The profile's section in the credentials file.
    pub(crate) fn credentials_section(&self, profile: &str) -> Option<&Section> {
        self.credentials.section(profile)
    }

    /// A section of the config file that is no profile, such as `services local`.
    pub(crate) fn named_section(&self, name: &str) -> Option<&Section> {
        self.config.section(name)
    }

    /// The names of all profiles, those of the config file first.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let of_config = |name: &str| match name.split_once(' ') {
            None => (name == "default").then(|| name.to_owned()),
            Some((kind, name)) => (kind == "profile").then(|| name.to_owned()),
        };
        let mut names: Vec<String> = self.config.names().filter_map(of_config).collect();
        for name in self.credentials.names() {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    fn config_value(&self, profile: &str, key: &str) -> Option<String> {
        let value = &self.config_section(profile)?.get(key)?.value;
        (!value.is_empty()).then(|| value.clone())
    }
}

fn read(path: &str) -> Result<Ini, Failure> {
    let path = paramfile::expand(path);
    // A file that is not there is the usual case.
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Ini::default()) };
    Ini::parse(&text).ok_or_else(|| Failure::Other(format!("Unable to parse config file: {}", path.display())))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n[profile dev]\nregion = us-west-2\nservices = local\n\
                          endpoint_url = http://any:1/\noutput = yaml\ncli_pager = more\n\
                          [services local]\nivs_realtime =\n  endpoint_url = http://ivs:2\n";

    /// A user with some files, whose environment holds just these variables.
    pub(crate) fn sources(variables: &'static [(&str, &str)]) -> Sources {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let credentials = Ini::parse("[keys]\naws_access_key_id = a\n").expect("it is one");
        Sources {
            variable: Box::new(variable),
            config: Ini::parse(CONFIG).expect("it is one"),
            credentials,
            log: Log::default(),
        }
    }

    #[test]
    fn profiles_stand_in_both_files() {
        assert_eq!(sources(&[]).profiles(), ["default", "dev", "keys"]);
    }

    #[test]
    fn options_go_before_variables_and_variables_before_files() {
        let wanted = || Wanted::new("region").variable("A").variable("B");
        let globals = Globals::default();
        assert_eq!(sources(&[]).find(&globals, &wanted()).as_deref(), Some("eu-west-1"));
        assert_eq!(sources(&[("B", "b"), ("A", "")]).find(&globals, &wanted()).as_deref(), Some("b"));
        let option = wanted().option(Some("o".to_owned()));
        assert_eq!(sources(&[("A", "a")]).find(&globals, &option).as_deref(), Some("o"));
    }
}
