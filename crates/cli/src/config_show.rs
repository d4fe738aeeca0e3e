//! `amplify-backend config show`: each setting, and where it came from.

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::global::Global;
use crate::output;
use crate::session;

pub(crate) fn run(global: &Global) -> Result<(), Failure> {
    let config = session::config(global)?;
    let settings: Vec<Value> = config
        .settings()
        .map(|setting| {
            let origin = session::origin(setting.origin);
            json!({ "Name": setting.name, "Value": setting.value, "Origin": origin })
        })
        .collect();
    output::print(json!({ "Settings": settings }), global)
}
