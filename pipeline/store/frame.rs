//! Records one after the other in a file, each with what tells whether it is whole.

use std::io::{self, Read};

/// Length and checksum (CRC-32 of length and record) before each record, 4 bytes each, little
/// endian.
pub(crate) const FRAME_BYTES: usize = 8;

/// A record with what goes before it.
pub(crate) fn frame(record: &[u8]) -> Vec<u8> {
    let length = u32::try_from(record.len()).expect("a record is far below 4 GiB").to_le_bytes();
    [&length, &checksum(length, record).to_le_bytes(), record].concat()
}

/// Of the length too: a length of 0 with the checksum 0, as lost power leaves it, is no record.
fn checksum(length: [u8; 4], record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(record);
    hasher.finalize()
}

/// The next whole record of a file with so many bytes left; `None` at its end or where it is
/// damaged.
pub(crate) fn next(reader: &mut impl Read, left: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(room) = left.checked_sub(FRAME_BYTES as u64) else { return Ok(None) };
    let mut four = || -> io::Result<[u8; 4]> {
        let mut bytes = [0; 4];
        reader.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    let (length, expected) = (four()?, u32::from_le_bytes(four()?));
    let size = u32::from_le_bytes(length);
    if u64::from(size) > room {
        return Ok(None);
    }
    let mut record = vec![0; size as usize];
    reader.read_exact(&mut record)?;
    Ok((checksum(length, &record) == expected).then_some(record))
}
