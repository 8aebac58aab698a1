//! Sign-on, containers and instances: the places that AWS's own crates know how to ask.

use std::time::Duration;

use aws_config::Region;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::Value;

use super::cache::{self, Entry};
use super::{Finder, Profile, http, unretrievable};
use crate::clock;
use crate::config::Settings;
use crate::errors::Failure;
use crate::globals::Globals;
use crate::paramfile;
use crate::proxy::Proxies;
use crate::sources::{Sources, Wanted};

const SSO: &str = "sso";

/// What a profile says of its sign-on.
struct SignOn {
    account: String,
    role: String,
    start_url: String,
    region: String,
    session: Option<String>,
}

impl Finder<'_> {
    /// The credentials of a container, if this is one.
    pub(super) fn of_container(&self) -> Result<Option<Credentials>, Failure> {
        let variables = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        if variables.iter().all(|name| self.sources.variable(name).is_none()) {
            return Ok(None);
        }
        // AWS does not say: whether a proxy may be asked, here and of an instance. Its guide wants their addresses among the
        // exceptions; who forgets that would be given what belongs to the proxy's machine.
        let config = self.config(Proxies::default());
        provided("container-role", async || EcsCredentialsProvider::builder().configure(&config).build())
    }

    /// The credentials of a machine of Amazon EC2, if this is one.
    pub(super) fn of_instance(&self) -> Result<Option<Credentials>, Failure> {
        if !may_be_instance(self.sources) {
            return Ok(None);
        }
        let config = self.config(Proxies::default());
        let client = metadata(self.globals, self.sources, &config);
        let found = provided("iam-role", async || {
            ImdsCredentialsProvider::builder().configure(&config).imds_client(client).build()
        });
        // Most machines are none of Amazon EC2, and there nobody answers.
        found.or_else(|failure| {
            self.sources.log.say("credentials", || format!("no instance: {failure:?}"));
            Ok(None)
        })
    }

    /// The credentials that a profile has by its sign-on.
    pub(super) fn of_sign_on(&self, profile: &Profile<'_>) -> Result<Option<Credentials>, Failure> {
        let Some(sign_on) = self.sign_on(profile)? else { return Ok(None) };
        let entry = Entry::of(&sign_on.asked(), SSO);
        if let Some(found) = entry.read() {
            return Ok(Some(found));
        }
        sign_on.check_token()?;
        let config = self.config(Proxies::of(|name| self.sources.set_variable(name)));
        let SignOn { account, role, start_url, region, session } = sign_on;
        let found = provided(SSO, async || {
            let mut builder = SsoCredentialsProvider::builder().configure(&config).account_id(account).role_name(role);
            builder.set_session_name(session);
            builder.start_url(start_url).region(Region::new(region)).build()
        })?;
        if let Some(found) = &found {
            self.keep(&entry, found);
        }
        Ok(found)
    }

    fn sign_on(&self, profile: &Profile<'_>) -> Result<Option<SignOn>, Failure> {
        let session = profile.value("sso_session");
        if session.is_none() && !profile.has("sso_start_url") {
            return Ok(None);
        }
        let name = profile.name;
        let section = match &session {
            None => None,
            Some(session) => {
                Some(self.sources.named_section(&format!("sso-session {session}")).ok_or_else(|| {
                    Failure::Other(format!("The specified sso-session does not exist: \"{session}\""))
                })?)
            }
        };
        let of_session = |key: &str| match section {
            Some(section) => super::value(section, key),
            None => profile.value(key),
        };
        let members = [
            ("sso_start_url", of_session("sso_start_url")),
            ("sso_region", of_session("sso_region")),
            ("sso_account_id", profile.value("sso_account_id")),
            ("sso_role_name", profile.value("sso_role_name")),
        ];
        let missing: Vec<_> = members.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        let [Some(start_url), Some(region), Some(account), Some(role)] = members.map(|(_, value)| value) else {
            return Err(Failure::Other(format!(
                "The profile \"{name}\" is configured to use SSO but is missing required configuration: {}",
                missing.join(", ")
            )));
        };
        Ok(Some(SignOn { account, role, start_url, region, session }))
    }

    /// What AWS's crates need to know to ask.
    fn config(&self, proxies: Proxies) -> ProviderConfig {
        config(Settings { proxies, ..Settings::of_connections(self.globals, self.sources, self.region) })
    }
}

/// The region of the machine of Amazon EC2 that this may be.
pub(crate) fn instance_region(globals: &Globals, sources: &Sources) -> Option<String> {
    if !may_be_instance(sources) {
        return None;
    }
    let settings = Settings { proxies: Proxies::default(), ..Settings::of_connections(globals, sources, "") };
    let config = config(settings);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let region = runtime.block_on(async {
        let client = metadata(globals, sources, &config);
        ImdsRegionProvider::builder().configure(&config).imds_client(client).build().region().await
    });
    let region = region?.to_string();
    sources.log.say("config", || format!("region = {region} (from the instance)"));
    Some(region)
}

fn config(settings: Settings) -> ProviderConfig {
    let region = Some(settings.region.clone()).filter(|region| !region.is_empty()).map(Region::new);
    ProviderConfig::default().with_region(region).with_http_client(http::client(settings))
}

fn may_be_instance(sources: &Sources) -> bool {
    !sources.variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// What asks a machine of Amazon EC2 about itself: once, and not for long, as most machines are none.
fn metadata(globals: &Globals, sources: &Sources, config: &ProviderConfig) -> imds::Client {
    let number = |key, variable, usual| {
        let text = sources.find(globals, &Wanted::new(key).variable(variable));
        text.and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let seconds = number("metadata_service_timeout", "AWS_METADATA_SERVICE_TIMEOUT", 1);
    let attempts = number("metadata_service_num_attempts", "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1);
    let patience = Duration::from_secs(u64::from(seconds));
    let client = imds::Client::builder().configure(config).max_attempts(attempts);
    client.connect_timeout(patience).read_timeout(patience).build()
}

impl SignOn {
    /// What the cache goes by.
    fn asked(&self) -> String {
        let text = |text: &str| Value::from(text).to_string();
        let (account, role) = (text(&self.account), text(&self.role));
        match &self.session {
            Some(session) => {
                format!("{{\"accountId\":{account},\"roleName\":{role},\"sessionName\":{}}}", text(session))
            }
            None => format!("{{\"accountId\":{account},\"roleName\":{role},\"startUrl\":{}}}", text(&self.start_url)),
        }
    }

    /// A sign-on that is over, and cannot be renewed without a person, is told as such.
    fn check_token(&self) -> Result<(), Failure> {
        let name = self.session.as_ref().unwrap_or(&self.start_url);
        let name = digest(&SHA1_FOR_LEGACY_USE_ONLY, name.as_bytes());
        let name: String = name.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let path = paramfile::expand(&format!("~/.aws/sso/cache/{name}.json"));
        let token: Option<Value> = std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok());
        let token = token.ok_or_else(|| {
            unretrievable(SSO, "there is no token. Sign on with `aws sso login`, which keeps one for this program too.")
        })?;
        let ends = token["expiresAt"].as_str().and_then(cache::time);
        let is_over = ends.is_none_or(|ends| ends <= clock::now());
        if is_over && !token["refreshToken"].is_string() {
            return Err(Failure::Other(
                "The SSO session associated with this profile has expired or is otherwise invalid. To refresh this \
                 SSO session run aws sso login with the corresponding profile."
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// Asks a provider, which may have nothing.
fn provided<P: ProvideCredentials>(
    place: &'static str,
    provider: impl AsyncFnOnce() -> P,
) -> Result<Option<Credentials>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unretrievable(place, error))?;
    match runtime.block_on(async { provider().await.provide_credentials().await }) {
        Ok(found) => Ok(Some(found)),
        Err(CredentialsError::CredentialsNotLoaded(_)) => Ok(None),
        Err(error) => Err(unretrievable(place, in_full(&error))),
    }
}

/// An error with its causes.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        // A wrapper may say no more than what it wraps.
        if !text.ends_with(&reason) {
            text.push_str(&format!(": {reason}"));
        }
        cause = error.source();
    }
    text
}
