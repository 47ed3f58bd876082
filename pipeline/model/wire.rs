//! Protocol buffers as they lie in a file, field by field, without knowing the messages.

/// One field of a message.
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    pub(crate) value: Value<'a>,
    /// The field as it lies in the file, number and value.
    pub(crate) bytes: &'a [u8],
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Number(u64),
    /// A text, bytes, a message or a packed list.
    Bytes(&'a [u8]),
    /// A number of fixed width, of which nothing here is told.
    Fixed,
}

const NUMBER: u64 = 0;
const FIXED_64: u64 = 1;
const BYTES: u64 = 2;
const FIXED_32: u64 = 5;

/// The fields of a message, in their order. An error ends them.
pub(crate) fn fields(message: &[u8]) -> impl Iterator<Item = Result<Field<'_>, String>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let whole = rest;
        let read = value(&mut rest);
        if read.is_none() {
            rest = &[];
        }
        let field = read.map(|(number, value)| Field {
            number,
            value,
            bytes: &whole[..whole.len() - rest.len()],
        });
        Some(field.ok_or_else(|| "it is no ONNX file, or it is cut short".to_owned()))
    })
}

fn value<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = number(rest)?;
    let value = match tag & 7 {
        NUMBER => Value::Number(number(rest)?),
        BYTES => {
            let length = usize::try_from(number(rest)?).ok()?;
            Value::Bytes(take(rest, length)?)
        }
        FIXED_64 => take(rest, 8).map(|_| Value::Fixed)?,
        FIXED_32 => take(rest, 4).map(|_| Value::Fixed)?,
        _ => return None,
    };
    Some((tag >> 3, value))
}

/// The numbers of a packed list.
pub(crate) fn packed(mut list: &[u8]) -> Option<Vec<u64>> {
    let mut numbers = vec![];
    while !list.is_empty() {
        numbers.push(number(&mut list)?);
    }
    Some(numbers)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// Seven bits a byte, the lowest first.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = *take(rest, 1)? else { return None };
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Appends a field of bytes to a message.
pub(crate) fn append(message: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    append_number(message, number << 3 | BYTES);
    append_number(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn append_number(message: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_read_back() {
        let (mut message, long) = (vec![], vec![7; 300]);
        append(&mut message, 1, &long);
        append(&mut message, 4000, b"");
        message.extend([0x18, 0x96, 0x01]); // field 3, the number 150
        let fields: Vec<_> = fields(&message).map(|field| field.expect("it is whole")).collect();
        assert_eq!(fields.iter().map(|field| field.number).collect::<Vec<_>>(), [1, 4000, 3]);
        assert!(matches!(fields[0].value, Value::Bytes(bytes) if bytes == long));
        assert!(matches!(fields[2].value, Value::Number(150)));
        assert_eq!(fields.iter().map(|field| field.bytes).collect::<Vec<_>>().concat(), message);
    }

    #[test]
    fn what_is_cut_short_or_makes_no_sense_is_an_error() {
        let (mut message, mut endless) = (vec![], vec![0xff; 11]);
        append(&mut message, 1, &[7; 20]);
        endless[0] = 0x08;
        for broken in [
            &message[..9],
            &endless,
            &[0x0b, 0x0c],
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ] {
            assert!(fields(broken).any(|field| field.is_err()), "{broken:?}");
        }
        assert_eq!(packed(&[1, 0x96, 0x01]), Some(vec![1, 150]));
        assert_eq!(packed(&[0x96]), None);
    }
}
