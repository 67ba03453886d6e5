//! The kernels of TensorFlow.js.
//!
//! A tensor has a number that the host chooses, and elements in memory that the host allocates. The checksums are those
//! of wasmtime 50.0.1, with the same calls.

use wasmote_programs::{catalog, sha256};

use crate::library::Library;

/// The rows and the columns of all matrices.
const SIZE: u32 = 24;
/// The number of the type `f32`.
const F32: i32 = 0;

struct Tensors {
    library: Library,
    /// The addresses of the elements; the number of a tensor is one more than its index
    addresses: Vec<u32>,
}

impl Tensors {
    /// Starts the library; none if there is no network to fetch it.
    fn new() -> Option<Self> {
        let mut library = Library::new(&catalog::TFJS, None, "emscripten_memcpy_big")?;
        let () = library.call("__wasm_call_ctors", ());
        let () = library.call("init", ());
        Some(Self { library, addresses: Vec::new() })
    }

    /// Copies words to new memory.
    fn copy(&mut self, words: impl Iterator<Item = u32>) -> u32 {
        let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
        let address: u32 = self.library.call("malloc", u32::try_from(bytes.len()).unwrap());
        self.library.write(address, &bytes);
        address
    }

    /// Makes a matrix and returns its number.
    fn matrix(&mut self, element: fn(u32) -> f32) -> u32 {
        let address = self.copy((0..SIZE * SIZE).map(|i| element(i).to_bits()));
        self.addresses.push(address);
        let number = u32::try_from(self.addresses.len()).unwrap();
        let () = self.library.call("register_tensor", (number, SIZE * SIZE, address));
        number
    }

    /// Makes two matrices of numbers and one for results.
    fn matrices(&mut self) -> [u32; 3] {
        [self.matrix(|i| (i % 97) as f32 - 48.0), self.matrix(|i| (i % 89) as f32 / 8.0 - 5.0), self.matrix(|_| 0.0)]
    }

    #[track_caller]
    fn assert(&self, number: u32, first: [f32; 4], checksum: &str) {
        let bytes = self.library.read(self.addresses[number as usize - 1], 4 * SIZE * SIZE);
        let begin: Vec<u8> = first.iter().flat_map(|element| element.to_le_bytes()).collect();
        assert_eq!((&bytes[..16], sha256(bytes).as_str()), (&begin[..], checksum));
    }
}

#[test]
fn adds_matrices() {
    let Some(mut tensors) = Tensors::new() else { return };
    let [a, b, out] = tensors.matrices();
    let shape = tensors.copy([1, SIZE, SIZE].into_iter());
    let () = tensors.library.call("Add", (a, shape, 3, b, shape, 3, F32, out));
    let checksum = "db04e0815230d5d16233ce7e4f0b4494ddfcabaf48186306b488a78bfbd620a1";
    tensors.assert(out, [-53.0, -51.875, -50.75, -49.625], checksum);
}

#[test]
fn multiplies_matrices() {
    let Some(mut tensors) = Tensors::new() else { return };
    let [a, b, out] = tensors.matrices();
    let shape = tensors.copy([1, SIZE, SIZE].into_iter());
    let transposed = 0;
    let () = tensors.library.call("BatchMatMul", (a, shape, 3, b, shape, 3, transposed, transposed, out));
    let checksum = "9839041ba1fd6fd7452595874dd7e154d64fd85be8283b1b838040183908a67e";
    tensors.assert(out, [-175.375, -284.875, -394.375, -92.25], checksum);
}

#[test]
fn applies_functions_to_elements() {
    let Some(mut tensors) = Tensors::new() else { return };
    let [_, b, out] = tensors.matrices();
    let () = tensors.library.call("Sigmoid", (b, out));
    let checksum = "28918ca6351558165672aba2f002f6ca9ed4fde9333a736a273d2c3d4de3ec91";
    tensors.assert(out, [0.006_692_850_5, 0.007_577_241, 0.008_577_485, 0.009_708_476], checksum);
    let () = tensors.library.call("Softmax", (b, out, SIZE, SIZE));
    let checksum = "0bb3949f58f4a5fc1d4b1f9ce494b6c79ce11e44c4d8f973747031c52a3bd029";
    tensors.assert(out, [0.006_976_405_6, 0.007_905_303_5, 0.008_957_882, 0.010_150_612], checksum);
}
