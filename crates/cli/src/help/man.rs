//! `switchboard man <folder>`: every page as a manual page, for packages.

use std::fs;
use std::path::Path;

use super::page::Page;
use super::texts::Texts;
use super::{operation, overview, roff};
use crate::catalog;
use crate::errors::Failure;

/// Writes the pages into the folder the words name.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let [folder] = words else { return Err(Failure::Usage("switchboard man takes the name of a folder".to_owned())) };
    let folder = Path::new(folder);
    fs::create_dir_all(folder).map_err(|error| unwritten(folder, &error))?;
    let write = |name: &str, page: &Page| {
        let path = folder.join(format!("{name}.1"));
        fs::write(&path, roff::render(page, name)).map_err(|error| unwritten(&path, &error))
    };
    write("switchboard", &overview::program())?;
    for verb in overview::VERBS {
        write(&format!("switchboard-{}", verb.name), &overview::verb(&verb))?;
    }
    for name in catalog::names() {
        let service = catalog::service(&name)?;
        let texts = Texts::of(&name)?;
        write(&format!("switchboard-{name}"), &overview::service(&service, &texts))?;
        for command in overview::commands(&service) {
            let Ok((api_name, found)) = catalog::operation(&service, &command) else { continue };
            let page = operation::page(&service, api_name, found, &texts);
            write(&format!("switchboard-{name}-{command}"), &page)?;
        }
    }
    Ok(())
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!("{}: {error}", path.display()))
}
