//! `switchboard demo`: a small contact centre to look around in, and what to try first.

use std::sync::Arc;

use crate::app::App;

/// Makes the contact centre of the tour.
pub(crate) async fn prepare(_app: &Arc<App>) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}

/// What to try, with the ids that were just made.
pub(crate) fn text(_app: &App) -> String {
    String::new()
}
