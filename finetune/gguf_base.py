"""The base model's GGUF file with its 4-bit weights written out as float32.

    write_float32(find_base_gguf(), Path("base-f32.gguf"))

llama.cpp multiplies 4-bit weights with activations it rounds to 8 bits; on the same weights in float32 it
rounds nothing, so what differs from PEFT there is a fault of the adapter's conversion.
"""

from pathlib import Path

_WRITER_SETS = frozenset({"general.architecture", "general.file_type", "general.quantization_version"})


def write_float32(source: Path, out: Path) -> None:
    """Dequantize every tensor of `source` into `out`, which takes about 4 bytes a parameter."""
    import gguf

    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(out, str(reader.fields["general.architecture"].contents()))
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in _WRITER_SETS:
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, sub_type=inner)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    for tensor in reader.tensors:
        writer.add_tensor(
            tensor.name, gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype("float32")
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
