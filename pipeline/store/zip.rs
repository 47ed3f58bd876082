//! One file -> a ZIP archive that holds it as it is.

/// The archive. Its time is that of the format's beginning, so that the same file gives the same
/// bytes.
pub(crate) fn archive(name: &str, content: &[u8]) -> Vec<u8> {
    /// 1980-01-01.
    const DATE: u16 = 0x21;
    /// Version 2.0, as which folders and plain files count.
    const VERSION: u16 = 20;
    /// Names are UTF-8.
    const FLAGS: u16 = 1 << 11;
    let size = (content.len() as u32).to_le_bytes();
    let mut entry = vec![];
    [VERSION, FLAGS, 0, 0, DATE].iter().for_each(|it| entry.extend(it.to_le_bytes()));
    entry.extend(crc32fast::hash(content).to_le_bytes());
    entry.extend([size, size].concat());
    entry.extend((name.len() as u16).to_le_bytes());
    entry.extend([0; 2]);

    let mut bytes = [b"PK\x03\x04".as_slice(), &entry, name.as_bytes(), content].concat();
    let directory = bytes.len() as u32;
    bytes.extend(b"PK\x01\x02");
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(entry);
    // Comment, disk, attributes, and where the file begins: nothing, and at the first byte.
    bytes.extend([0; 14]);
    bytes.extend(name.as_bytes());
    let length = bytes.len() as u32 - directory;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend([length.to_le_bytes(), directory.to_le_bytes()].concat());
    bytes.extend([0; 2]);
    bytes
}
