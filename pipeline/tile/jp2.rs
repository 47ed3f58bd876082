//! Whether a JPEG 2000 file is whole. Its decoder makes a blurred picture of half a file, and noise of
//! none, without a word.

use std::io::{self, Read, Seek, SeekFrom};

/// How a file in boxes begins, and how a bare codestream does.
const BOXES: [u8; 12] = [0, 0, 0, 12, b'j', b'P', b' ', b' ', 13, 10, 0x87, 10];
const CODESTREAM: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];

/// What ends a codestream.
const END: [u8; 2] = [0xFF, 0xD9];

/// What is missing of a file; `None` of a whole one, and of any that is no JPEG 2000.
pub(crate) fn missing(mut file: impl Read + Seek) -> io::Result<Option<String>> {
    let mut head = [0; 12];
    let length = file.seek(SeekFrom::End(0))?;
    if length < 12 {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut head)?;
    if head[..4] == CODESTREAM {
        return ends_at(&mut file, length);
    }
    if head != BOXES {
        return Ok(None);
    }
    let (mut start, mut streams) = (0, 0);
    while start + 8 <= length {
        file.seek(SeekFrom::Start(start))?;
        let [short, name] = [four(&mut file)?, four(&mut file)?];
        let size = match u32::from_be_bytes(short) {
            0 => length - start,
            1 if start + 16 <= length => {
                (u64::from(u32::from_be_bytes(four(&mut file)?)) << 32)
                    | u64::from(u32::from_be_bytes(four(&mut file)?))
            }
            size => size.into(),
        };
        let is_stream = &name == b"jp2c";
        let name = String::from_utf8_lossy(&name);
        let end = start.checked_add(size).filter(|end| size >= 8 && *end <= length);
        let Some(end) = end else {
            return Ok(Some(format!("its box {name} is {size} bytes long, {} are there", length - start)));
        };
        if is_stream {
            streams += 1;
            if let Some(cause) = ends_at(&mut file, end)? {
                return Ok(Some(cause));
            }
        }
        start = end;
    }
    Ok((streams == 0).then(|| "it holds no image".into()))
}

fn four(file: &mut impl Read) -> io::Result<[u8; 4]> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes).map(|()| bytes)
}

fn ends_at(file: &mut (impl Read + Seek), end: u64) -> io::Result<Option<String>> {
    let mut last = [0; 2];
    file.seek(SeekFrom::Start(end - 2))?;
    file.read_exact(&mut last)?;
    Ok((last != END).then(|| "its image has no end".into()))
}
