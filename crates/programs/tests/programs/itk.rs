//! A filter of the Insight Toolkit. Pictures and their descriptions in JSON pass through the memory of the module.

use wasmote_programs::{catalog, sha256};
use wasmote_wasi::WasiCtxBuilder;

use crate::library::Library;

const WIDTH: u32 = 64;
const HEIGHT: u32 = 48;

/// Makes a picture smaller, to 32 by 16 pixels, and checks its bytes. The checksums are those of wasmtime 50.0.1.
#[track_caller]
fn downsamples(component: &str, pixels: &[u8], len: u32, checksum: &str) {
    let mut ctx = WasiCtxBuilder::new();
    ctx.args(["downsample", "--memory-io", "0", "0", "--shrink-factors", "2", "3"]);
    let Some(mut itk) = Library::new(&catalog::ITK_DOWNSAMPLE, Some(&mut ctx), "") else { return };
    let () = itk.call("_initialize", ());

    let mut pass = |index: u32, bytes: &[u8]| {
        let len = u32::try_from(bytes.len()).unwrap();
        let address: u32 = itk.call("itk_wasm_input_array_alloc", (0, 0, index, len));
        itk.write(address, bytes);
        address
    };
    let data = pass(0, pixels);
    let direction = pass(1, &[1.0_f64, 0.0, 0.0, 1.0].map(f64::to_le_bytes).concat());
    let description = format!(
        r#"{{
            "imageType": {{"dimension": 2, "componentType": "{component}", "pixelType": "Scalar", "components": 1}},
            "name": "image",
            "origin": [0.0, 0.0],
            "spacing": [1.0, 1.0],
            "direction": "data:application/vnd.itk.address,0:{direction}",
            "size": [{WIDTH}, {HEIGHT}],
            "metadata": [],
            "data": "data:application/vnd.itk.address,0:{data}"
        }}"#
    );
    let description_len = u32::try_from(description.len()).unwrap();
    let address: u32 = itk.call("itk_wasm_input_json_alloc", (0, 0, description_len));
    itk.write(address, description.as_bytes());

    let status: i32 = itk.call("itk_wasm_delayed_start", ());
    assert_eq!(status, 0);
    let address: u32 = itk.call("itk_wasm_output_json_address", (0, 0));
    let description_len: u32 = itk.call("itk_wasm_output_json_size", (0, 0));
    let description: String = String::from_utf8_lossy(itk.read(address, description_len)).split_whitespace().collect();
    assert!(description.contains(r#""spacing":[2,3]"#) && description.contains(r#""size":[32,16]"#), "{description}");
    let address: u32 = itk.call("itk_wasm_output_array_address", (0, 0, 0));
    let size: u32 = itk.call("itk_wasm_output_array_size", (0, 0, 0));
    assert_eq!((size, sha256(itk.read(address, size)).as_str()), (len, checksum));
}

/// The pixels of the pictures, in rows.
fn pixels() -> impl Iterator<Item = u8> {
    (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| ((x * x + 3 * x * y + 7 * y) % 251) as u8))
}

#[test]
#[ignore = "large"]
fn downsamples_bytes() {
    let pixels: Vec<u8> = pixels().collect();
    downsamples("uint8", &pixels, 512, "87f4a1c3e939b09f949646a92aa3cef5aaa652e176df5fb13736885a4b878e70");
}

#[test]
#[ignore = "large"]
fn downsamples_floats() {
    let pixels: Vec<u8> = pixels().flat_map(|pixel| f32::from(pixel).to_le_bytes()).collect();
    downsamples("float32", &pixels, 2048, "85f6a916f54c285de4b68522a504714ef460dae883cfb39f47e33c31f9c64379");
}
