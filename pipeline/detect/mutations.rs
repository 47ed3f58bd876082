//! Whatever is in a file, reading it ends, without a panic: 10,000 mutations each of an .onnx with
//! metadata, of a list of names and of a model.toml.

use crate::{draft::Draft, literal, onnx::Onnx, said::Said, whole::Whole};

const MUTATIONS: u32 = 10_000;

/// Numbers that look random and are the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }

    /// Some bytes changed, cut out, doubled or made large.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                break;
            }
            let (at, to) = (self.below(bytes.len()), self.below(bytes.len()));
            match self.below(5) {
                0 => bytes[at] = self.below(256) as u8,
                1 => drop(bytes.drain(at.min(to)..at.max(to))),
                2 => bytes.truncate(at),
                3 => bytes.splice(at..at, [0xff; 9]).for_each(drop),
                _ => {
                    let part = bytes[at.min(to)..at.max(to)].to_vec();
                    bytes.splice(at..at, part).for_each(drop);
                }
            }
        }
        bytes
    }
}

/// What becomes of a file, up to the trial on the runtime.
fn read(onnx: &[u8], own: Draft) -> Option<Whole> {
    let said = Said::by(&Onnx::parse(onnx).ok()?, None).ok()?;
    let (threshold, overlap_px) = (said.threshold, said.overlap_px);
    let mut draft = own.over(said.draft);
    draft.complete(threshold, overlap_px);
    let text = draft.to_toml();
    assert!(toml::from_str::<Draft>(&text).is_ok(), "what it prints can be read: {text}");
    let whole = draft.missing().is_empty().then(|| Whole::from(draft)).flatten()?;
    whole.check().is_ok().then_some(whole)
}

const ONNX: &[u8] = include_bytes!("../../tests/models/foreign/deepness-detector.onnx");

#[test]
fn no_onnx_makes_the_reader_panic_or_hang() {
    assert!(read(ONNX, Draft::default()).is_some(), "unchanged, it is whole");
    let mut numbers = Numbers(1);
    for _ in 0..MUTATIONS {
        read(&numbers.mutate(ONNX), Draft::default());
    }
}

#[test]
fn no_metadata_make_the_reader_panic_or_hang() {
    let mut numbers = Numbers(2);
    let names = br#"{0: 'mine', 1: "it's", "2": 'b\u00e4r'}"#;
    for _ in 0..MUTATIONS {
        literal::names(&String::from_utf8_lossy(&numbers.mutate(names)));
    }
    // The values of the notes, whose lengths must stay right: digits, quotes and braces exchanged.
    let notes = ONNX.windows(12).position(|bytes| bytes == b"tiles_overla").expect("it has notes") - 200;
    for _ in 0..MUTATIONS {
        let mut onnx = ONNX.to_vec();
        for _ in 0..3 {
            let at = notes + numbers.below(onnx.len() - notes);
            onnx[at] = b"0919-.e{}[]'\",: \\n"[numbers.below(17)];
        }
        read(&onnx, Draft::default());
    }
}

#[test]
fn no_model_toml_makes_the_reader_panic_or_hang() {
    let mut numbers = Numbers(3);
    let toml = include_bytes!("../../tests/models/red-boxes/model.toml");
    for _ in 0..MUTATIONS {
        let text = String::from_utf8_lossy(&numbers.mutate(toml)).into_owned();
        if let Ok(own) = toml::from_str::<Draft>(&text) {
            read(ONNX, own);
        }
    }
}
