//! Broadband Forum XML that imports its parts, changes them, and is wrong in places.

use std::collections::HashMap;
use std::fs;

use informant::model::{
    Access, Base, Found, LoadError, Model, ObjectAccess, Place, Root, Status, Version, load,
    standard,
};

use crate::generate::loaded;
use crate::support::shared;

fn document(inside: &str) -> String {
    format!(
        "<dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\" \
         xmlns:dmr=\"urn:broadband-forum-org:cwmp:datamodel-report-0-1\">\n{inside}</dm:document>"
    )
}

fn read(files: &[(&str, &str)]) -> Result<Model, LoadError> {
    let files: HashMap<&str, String> = files
        .iter()
        .map(|(name, inside)| (*name, document(inside)))
        .collect();
    let mut sibling = |name: &str| files.get(name).map(|text| text.clone().into_bytes());
    let main = files["main.xml"].clone();
    load("main.xml", main.as_bytes(), &mut sibling)
}

fn model(files: &[(&str, &str)]) -> Model {
    match read(files) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

fn message(files: &[(&str, &str)]) -> String {
    match read(files) {
        Ok(model) => panic!("{model:?}"),
        Err(error) => error.to_string(),
    }
}

const PARTS: &str = "
<dataType name='Short'><string><size maxLength='8'/></string></dataType>
<dataType name='Colour' base='Short'><enumeration value='red'/><enumeration value='blue' optional='true'/></dataType>
<component name='Lamp'>
  <object name='Lamp.{i}.' access='readWrite' minEntries='0' maxEntries='unbounded' numEntriesParameter='LampNumberOfEntries'>
    <parameter name='Colour' access='readWrite'><syntax><dataType ref='Colour'/><default type='object' value='red'/></syntax></parameter>
    <parameter name='Hours' access='readOnly'><syntax><unsignedInt/></syntax></parameter>
  </object>
  <parameter name='LampNumberOfEntries' access='readOnly'><syntax><unsignedInt/></syntax></parameter>
</component>";

#[test]
fn components_stand_where_they_are_put_and_are_changed_there() {
    let model = model(&[
        ("parts-1-0-2.xml", PARTS),
        (
            "main.xml",
            "<import file='parts-1-0.xml' spec='s'><component name='_Lamp' ref='Lamp'/><dataType name='Colour'/></import>
             <component name='Lamp'>
               <component ref='_Lamp'/>
               <object base='Lamp.{i}.' access='readWrite'>
                 <parameter base='Colour' access='readWrite'><syntax><dataType ref='Colour'><enumeration value='green'/></dataType>
                 </syntax></parameter>
                 <parameter base='Hours' access='readOnly' activeNotify='canDeny' status='deprecated'/>
                 <parameter name='Dim' access='readWrite' dmr:previousParameter='Hours'><syntax hidden='true'><boolean/></syntax></parameter>
               </object>
             </component>
             <model name='Device:1.0'><object name='Device.' access='readOnly' minEntries='1' maxEntries='1'/></model>
             <model name='Device:1.2' base='Device:1.0'><component ref='Lamp' path='Device.House.'/></model>",
        ),
    ]);
    let colour = model
        .parameter("Device.House.Lamp.4.Colour")
        .expect("it is there");
    let syntax = &colour.newest().syntax;
    assert_eq!((syntax.base, syntax.length_max()), (Base::String, Some(8)));
    let values: Vec<&str> = syntax.enumeration.iter().map(|one| &*one.value).collect();
    assert_eq!(values, ["red", "blue", "green"]);
    let default = colour.newest().default.as_ref().expect("kept");
    assert_eq!(&*default.value, "red");
    let hours = model
        .parameter("Device.House.Lamp.1.Hours")
        .expect("it is there");
    assert_eq!(hours.newest().status, Status::Deprecated);
    assert_eq!(hours.newest().syntax.base, Base::UnsignedInt);
    assert!(
        model
            .parameter("Device.House.Lamp.1.Dim")
            .is_some_and(|one| one.is_hidden())
    );
    let table = model.object("Device.House.Lamp.").expect("a table");
    assert_eq!(
        (table.place(), table.newest().access),
        (Place::Table, ObjectAccess::CreateDelete)
    );
    let counter = table.number_of_entries().map(|one| one.path());
    assert_eq!(counter.as_deref(), Some("Device.House.LampNumberOfEntries"));
    assert_eq!(
        model.documents()[0].versions,
        [Version::new(1, 0), Version::new(1, 2)]
    );
    assert_eq!(hours.since().absent, Some(Version::new(1, 0)));
}

#[test]
fn types_may_come_from_the_file_of_types() {
    let Some(folder) = shared("spec/datamodels") else {
        return;
    };
    let main = document(
        "<import file='tr-106-types.xml' spec='s'><dataType name='MACAddress'/><dataType name='IPv4Address'/>
         <component name='Alias' ref='_AliasCWMP'/><component name='Alias-2-0'/></import>
         <model name='Device:9.0'><object name='Device.T.{i}.' access='readWrite'>
         <component ref='Alias-2-0'/>
         <parameter name='M' access='readOnly'><syntax><dataType ref='MACAddress'/></syntax></parameter>
         <parameter name='A' access='readOnly'><syntax><dataType ref='IPv4Address'/></syntax></parameter>
         </object></model>",
    );
    let mut sibling = |name: &str| fs::read(folder.join(name)).ok();
    let model = load("main.xml", main.as_bytes(), &mut sibling).expect("it is read");
    let mac = model.parameter("Device.T.1.M").expect("it is there");
    assert_eq!(mac.newest().syntax.length_max(), Some(17));
    assert_eq!(mac.newest().syntax.patterns.len(), 2);
    let address = &model
        .parameter("Device.T.1.A")
        .expect("it is there")
        .newest()
        .syntax;
    assert_eq!(
        (address.base, address.length_max()),
        (Base::String, Some(15))
    );
    assert_eq!(address.data_type.as_deref(), Some("IPv4Address"));
    assert!(
        address.patterns.is_empty(),
        "they are made of entities, which nobody expands"
    );
    // `Alias` is virtual there: this file says what stands for it.
    let alias = model.parameter("Device.T.1.Alias").expect("it is there");
    assert_eq!(alias.newest().access, Access::ReadWrite);
    assert_eq!(
        alias.newest().syntax.data_type.as_deref(),
        Some("_AliasCWMP")
    );
}

#[test]
fn parts_that_later_models_took_in_are_in_the_table() {
    let Some(folder) = shared("spec/datamodels") else {
        return;
    };
    let text = fs::read_to_string(folder.join("tr-143-1-1-0.xml")).expect("readable");
    let parts = roxmltree::Document::parse(&text).expect("XML");
    let mut checked = 0;
    for object in parts
        .descendants()
        .filter(|node| node.has_tag_name("object"))
    {
        let name = object.attribute("name").or(object.attribute("base"));
        // Profiles, too, have objects; they refer to what stands elsewhere.
        let Some(name) = name else { continue };
        let above = [
            (Root::InternetGatewayDevice1, "InternetGatewayDevice."),
            (Root::Device1, "Device."),
            (Root::Device2, "Device.IP.Diagnostics."),
        ];
        for parameter in object
            .children()
            .filter(|node| node.has_tag_name("parameter"))
        {
            let parameter = parameter.attribute("name").or(parameter.attribute("base"));
            let Some(parameter) = parameter else { continue };
            let found = above.iter().any(|(root, above)| {
                standard(*root)
                    .parameter(&format!("{above}{name}{parameter}"))
                    .is_some()
            });
            assert!(found, "{name}{parameter}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn a_whole_model_given_by_hand_says_what_the_table_says() {
    let Some(folder) = shared("spec/datamodels") else {
        return;
    };
    let given = loaded(&folder, "tr-181-2-17-0-cwmp-full.xml");
    let built_in = standard(Root::Device2);
    for parameter in given.parameters() {
        let path = parameter.path();
        let known = built_in
            .parameter(&path)
            .unwrap_or_else(|| panic!("{path}"));
        assert_eq!(known.newest().syntax, parameter.newest().syntax, "{path}");
    }
    assert_eq!(given.parameters().count(), 6_483);
    assert!(matches!(
        given.find("Device.Services.VoiceService.1."),
        Found::Service
    ));
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_to_do() {
    let is = |files: &[(&str, &str)], told: &str| assert_eq!(message(files), told);
    let model = |inside: &str| {
        format!("<model name='Device:1.0'><object name='Device.'>\n  {inside}</object></model>")
    };
    let typed = model("<parameter name='A'><syntax><dataType ref='Colour'/></syntax></parameter>");
    is(
        &[("main.xml", &typed)],
        "main.xml:3:31: no dataType `Colour` here, nor in the files imported; check its spelling",
    );
    let imported = format!("<import file='parts.xml'><dataType name='Colour'/></import>{typed}");
    is(
        &[("main.xml", &imported)],
        "main.xml:3:31: no dataType `Colour` here, nor in the files imported; put parts.xml into the same folder",
    );
    let component = model("<component ref='Lamp'/>");
    is(
        &[("main.xml", &component)],
        "main.xml:3:3: no component `Lamp` here, nor in the files imported; check its spelling",
    );
    is(
        &[("main.xml", PARTS)],
        "main.xml:1:1: no `model` in this file, only parts of one; give the file of the model that imports it, such as \
         `tr-181-2-11-0-full.xml`",
    );
    let access = model("<parameter name='A' access='sometimes'/>");
    is(
        &[("main.xml", &access)],
        "main.xml:3:3: `sometimes` is not known here; write `readOnly`, `readWrite` or `writeOnceReadOnly`",
    );
    let size = model(
        "<parameter name='A'><syntax><string><size maxLength='lots'/></string></syntax></parameter>",
    );
    is(
        &[("main.xml", &size)],
        "main.xml:3:39: `lots` is no number here; write digits alone, or leave the attribute out",
    );
    is(
        &[("main.xml", "<model name='Device'/>")],
        "main.xml:2:1: `model` without a name such as `Device:2.11`; add it",
    );
    is(
        &[("main.xml", &model("<parameter access='readOnly'/>"))],
        "main.xml:3:3: `parameter` without `name` or `base`; add it",
    );
}
