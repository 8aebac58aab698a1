//! The models' patterns are Java's. Every one of them must be readable here: one that is not would check nothing.

use switchboard_model::Service;

const MODELS: [(&str, &[u8]); 6] = [
    ("connect", include_bytes!("../../../models/connect.json")),
    ("connectparticipant", include_bytes!("../../../models/connectparticipant.json")),
    ("ivs-realtime", include_bytes!("../../../models/ivs-realtime.json")),
    ("lex-runtime", include_bytes!("../../../models/lex-runtime.json")),
    ("lexv2-models", include_bytes!("../../../models/lexv2-models.json")),
    ("lexv2-runtime", include_bytes!("../../../models/lexv2-runtime.json")),
];

#[test]
fn every_pattern_compiles() {
    let mut unreadable = Vec::new();
    for (name, model) in MODELS {
        let service = Service::from_json(model).expect("a model");
        for (shape, facts) in &service.shapes {
            let Some(pattern) = &facts.pattern else { continue };
            if let Err(error) = switchboard_wire::compile_pattern(pattern) {
                unreadable.push(format!("{name} {shape}: {pattern}: {error}"));
            }
        }
    }
    assert_eq!(unreadable, Vec::<String>::new());
}
