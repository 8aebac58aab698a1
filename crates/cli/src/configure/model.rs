//! `configure add-model`: a service that AWS has and this program does not, by the model that an SDK ships.
//!
//! It is kept where `aws` keeps it, `~/.aws/models/<service>/<version>/service-2.json`, and so it is there for both.

use std::fs;
use std::process::ExitCode;

use serde_json::Value;

use super::Told;
use crate::errors::Failure;
use crate::{catalog, paramfile};

pub(super) fn add(told: &Told) -> Result<ExitCode, Failure> {
    let text = told.text("service-model")?;
    let model: Value = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
    let name = told.option("service-name").map_or_else(|| name(&model), |name| Ok(name.to_owned()))?;
    let version = member(&model, "apiVersion")?;
    let number = model["version"].as_str().and_then(|text| text.split('.').next()).unwrap_or("2");
    // They become folders and a file.
    if [name.as_str(), version, number].iter().any(|part| part.is_empty() || part.contains(['/', '.'])) {
        return Err(refused(format!("{name}/{version} is no name for a folder; --service-name gives another")));
    }
    let folder = paramfile::expand(&format!("~/.aws/models/{name}/{version}"));
    let path = folder.join(format!("service-{number}.json"));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, text));
    written.map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?;
    Ok(ExitCode::SUCCESS)
}

/// The name that the service has here, or else the first part of its hosts' names.
fn name(model: &Value) -> Result<String, Failure> {
    let prefix = member(model, "endpointPrefix")?;
    if catalog::is_service(prefix) {
        return Ok(prefix.to_owned());
    }
    let has_prefix = |name: &String| catalog::service(name).is_ok_and(|service| service.endpoint_prefix == prefix);
    Ok(catalog::names().into_iter().find(has_prefix).unwrap_or_else(|| prefix.to_owned()))
}

fn member<'m>(model: &'m Value, name: &str) -> Result<&'m str, Failure> {
    model["metadata"][name].as_str().ok_or_else(|| refused(format!("its metadata have no {name}")))
}

fn refused(why: String) -> Failure {
    Failure::Other(format!("This is no model of a service: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_service_has_one_name() {
        let named = |prefix: &str| name(&json!({"metadata": {"endpointPrefix": prefix}}));
        assert_eq!(named("participant.connect"), Ok("connectparticipant".to_owned()));
        assert_eq!(named("connect"), Ok("connect".to_owned()));
        assert_eq!(named("new"), Ok("new".to_owned()));
        assert!(name(&json!({})).is_err());
    }

    #[test]
    fn a_model_leads_to_no_other_folder() {
        for (api_version, version) in [("../2026", "2.0"), ("2026-01-01", "2/../x.0"), ("", "2.0")] {
            let metadata = json!({"endpointPrefix": "new", "apiVersion": api_version});
            let model = json!({"version": version, "metadata": metadata}).to_string();
            let refusal = add(&Told { options: vec![("service-model", model)], ..Told::default() });
            assert!(
                matches!(&refusal, Err(failure) if failure.message().contains("no name for a folder")),
                "{version}"
            );
        }
    }
}
