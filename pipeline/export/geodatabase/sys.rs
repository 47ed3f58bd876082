//! What GDAL's binding has no function for.

use super::domains::Domain;
use super::fields::Field;
use crate::Halt;
use gdal::Dataset;
use gdal::errors::GdalError;
use gdal::vector::{Layer, LayerAccess};
use gdal_sys::{GDALRelationshipCardinality, GDALRelationshipType, OGRCodedValue};
use gdal_sys::{OGRErr, OGRFieldSubType};
use std::ffi::{CStr, CString, c_char};
use std::ptr::null_mut;

/// Text as C has it.
fn c(text: &str) -> Result<CString, Halt> {
    Ok(CString::new(text.replace('\0', "\u{fffd}")).map_err(GdalError::from)?)
}

/// Adds a domain to a geodatabase.
pub(super) fn add_domain(dataset: &mut Dataset, domain: &Domain) -> Result<(), Halt> {
    let [name, title] = [c(domain.name)?, c(domain.title)?];
    let words = domain.words.iter().map(|(code, text)| Ok([c(code)?, c(text)?]));
    let words: Vec<[CString; 2]> = words.collect::<Result<_, Halt>>()?;
    let ends = [OGRCodedValue { pszCode: null_mut(), pszValue: null_mut() }];
    let values = words.iter().map(|[code, text]| OGRCodedValue {
        pszCode: code.as_ptr().cast_mut(),
        pszValue: text.as_ptr().cast_mut(),
    });
    let values: Vec<OGRCodedValue> = values.chain(ends).collect();
    let mut why: *mut c_char = null_mut();
    // SAFETY: the dataset is open and the texts are alive; GDAL copies them, and the domain too.
    #[allow(unsafe_code)]
    let is_added = unsafe {
        let made = gdal_sys::OGR_CodedFldDomain_Create(
            name.as_ptr(),
            title.as_ptr(),
            domain.kind,
            OGRFieldSubType::OFSTNone,
            values.as_ptr(),
        );
        let is_added = gdal_sys::GDALDatasetAddFieldDomain(dataset.c_dataset(), made, &mut why);
        gdal_sys::OGR_FldDomain_Destroy(made);
        is_added
    };
    done(is_added, why, domain.name)
}

/// Adds a field to a layer; `width` is 0 where a text may have any length.
pub(super) fn add_field(layer: &Layer<'_>, field: &Field, width: i32) -> Result<(), Halt> {
    let [name, alias] = [c(&field.name)?, c(&field.alias)?];
    let domain = field.domain.map(c).transpose()?;
    // SAFETY: the layer is alive; GDAL copies the texts and the definition.
    #[allow(unsafe_code)]
    let result = unsafe {
        let made = gdal_sys::OGR_Fld_Create(name.as_ptr(), field.kind);
        gdal_sys::OGR_Fld_SetAlternativeName(made, alias.as_ptr());
        gdal_sys::OGR_Fld_SetWidth(made, width);
        if let Some(domain) = &domain {
            gdal_sys::OGR_Fld_SetDomainName(made, domain.as_ptr());
        }
        let result = gdal_sys::OGR_L_CreateField(layer.c_layer(), made, 0);
        gdal_sys::OGR_Fld_Destroy(made);
        result
    };
    match result {
        OGRErr::OGRERR_NONE => Ok(()),
        err => Err(GdalError::OgrError { err, method_name: "OGR_L_CreateField" }.into()),
    }
}

/// Makes a table the attachments of a feature class: `keys` are the id of a row of the class, and
/// the field of the table that names it.
pub(super) fn add_attachments(
    dataset: &mut Dataset,
    name: &str,
    tables: [&str; 2],
    keys: [&str; 2],
) -> Result<(), Halt> {
    let named = c(name)?;
    let [class, table] = [c(tables[0])?, c(tables[1])?];
    let [id, foreign] = [c(keys[0])?, c(keys[1])?];
    let [mut ids, mut foreigns] = [&id, &foreign].map(|key| [key.as_ptr().cast_mut(), null_mut()]);
    let [forth, back, media] = [c("attachment")?, c("object")?, c("media")?];
    let mut why: *mut c_char = null_mut();
    // SAFETY: the dataset is open, the texts and the lists, which end in null, are alive; GDAL
    // copies them, and the relationship too.
    #[allow(unsafe_code)]
    let is_added = unsafe {
        let made = gdal_sys::GDALRelationshipCreate(
            named.as_ptr(),
            class.as_ptr(),
            table.as_ptr(),
            GDALRelationshipCardinality::GRC_ONE_TO_MANY,
        );
        gdal_sys::GDALRelationshipSetLeftTableFields(made, ids.as_mut_ptr());
        gdal_sys::GDALRelationshipSetRightTableFields(made, foreigns.as_mut_ptr());
        gdal_sys::GDALRelationshipSetType(made, GDALRelationshipType::GRT_COMPOSITE);
        gdal_sys::GDALRelationshipSetForwardPathLabel(made, forth.as_ptr());
        gdal_sys::GDALRelationshipSetBackwardPathLabel(made, back.as_ptr());
        // By which GDAL knows attachments from other tables.
        gdal_sys::GDALRelationshipSetRelatedTableType(made, media.as_ptr());
        let is_added = gdal_sys::GDALDatasetAddRelationship(dataset.c_dataset(), made, &mut why);
        gdal_sys::GDALDestroyRelationship(made);
        is_added
    };
    done(is_added, why, name)
}

fn done(is_added: bool, why: *mut c_char, what: &str) -> Result<(), Halt> {
    let mut cause = String::new();
    if !why.is_null() {
        // SAFETY: GDAL hands over a text of its own, which is freed here, once.
        #[allow(unsafe_code)]
        unsafe {
            cause = CStr::from_ptr(why).to_string_lossy().into_owned();
            gdal_sys::VSIFree(why.cast());
        }
    }
    if is_added { Ok(()) } else { Err(Halt::Torn(format!("GDAL takes no {what}: {cause}"))) }
}
