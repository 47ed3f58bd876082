//! Damage to a file, the same for the same seed.

use fastrand::Rng;
use std::ops::Range;

/// Numbers that a reader may not have thought of.
const ODD_NUMBERS: [&str; 16] = [
    "0",
    "-0",
    "-1",
    "1",
    "1e308",
    "-1e308",
    "1e-308",
    "nan",
    "inf",
    "-inf",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "99999999999999999999",
    "0.5",
    "",
];

/// Bytes with one to four faults: bits, numbers of 1 to 8 bytes, pieces lost, doubled or exchanged.
pub(crate) fn damaged(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.usize(1..=4) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.usize(0..bytes.len());
        match rng.u8(0..8) {
            0 => bytes[at] ^= 1 << rng.u8(0..8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][rng.usize(0..5)],
            2 => bytes[at] = rng.u8(..),
            3 => {
                let width = [2, 4, 8][rng.usize(0..3)].min(bytes.len() - at);
                let odd =
                    [0, 1, u64::MAX, i64::MAX as u64, 1 << 31, (1 << 31) - 1, 1 << 16, rng.u64(..)];
                let odd = odd[rng.usize(0..odd.len())].to_le_bytes();
                bytes[at..at + width].copy_from_slice(&odd[..width]);
            }
            4 => drop(bytes.drain(piece(at, bytes.len(), rng))),
            5 => {
                let copy = bytes[piece(at, bytes.len(), rng)].to_vec();
                bytes.splice(at..at, copy);
            }
            6 => {
                let copy = bytes[piece(at, bytes.len(), rng)].to_vec();
                let to = rng.usize(0..=bytes.len() - copy.len());
                bytes[to..to + copy.len()].copy_from_slice(&copy);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// Text with one to three faults: odd numbers, lines lost, doubled or exchanged, and damaged bytes.
pub(crate) fn garbled(text: &str, rng: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..rng.usize(1..=3) {
        let numbers = numbers(&text);
        let mut lines: Vec<&str> = text.lines().collect();
        let line = rng.usize(0..lines.len().max(1));
        text = match rng.u8(0..8) {
            0..4 if !numbers.is_empty() => {
                let number = numbers[rng.usize(0..numbers.len())].clone();
                let odd = ODD_NUMBERS[rng.usize(0..ODD_NUMBERS.len())];
                format!("{}{odd}{}", &text[..number.start], &text[number.end..])
            }
            4 if line < lines.len() => {
                lines.remove(line);
                lines.join("\n")
            }
            5 if line < lines.len() => {
                lines.insert(rng.usize(0..lines.len()), lines[line]);
                lines.join("\n")
            }
            6 if line < lines.len() => {
                let other = rng.usize(0..lines.len());
                lines.swap(line, other);
                lines.join("\n")
            }
            _ => String::from_utf8_lossy(&damaged(text.as_bytes(), rng)).into_owned(),
        };
    }
    text
}

fn piece(at: usize, len: usize, rng: &mut Rng) -> Range<usize> {
    at..(at + rng.usize(1..=64)).min(len)
}

fn numbers(text: &str) -> Vec<Range<usize>> {
    let of_number = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let mut numbers: Vec<Range<usize>> = vec![];
    for (at, c) in text.char_indices().filter(|(_, c)| of_number(*c)) {
        match numbers.last_mut() {
            Some(last) if last.end == at => last.end = at + c.len_utf8(),
            _ => numbers.push(at..at + c.len_utf8()),
        }
    }
    numbers
}
