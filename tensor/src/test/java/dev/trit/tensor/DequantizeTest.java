package dev.trit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The specification of the ordinary types against floats that gguf-py read from the same blocks, to the bit. */
class DequantizeTest {
    private record Golden(DType type, byte[] block, int[] floatBits) {}

    /** Made by src/test/python/make_dequantize_goldens.py. */
    private static List<Golden> goldens() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(DequantizeTest.class.getResourceAsStream("dequantize-goldens.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> {
                        String[] parts = line.split(" ", -1);
                        byte[] floats = HexFormat.of().parseHex(parts[2]);
                        float[] values = new float[floats.length / 4];
                        ByteBuffer.wrap(floats)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .asFloatBuffer()
                                .get(values);
                        return new Golden(
                                DType.valueOf(parts[0]), HexFormat.of().parseHex(parts[1]), bits(values));
                    })
                    .toList();
        }
    }

    /** The bits of floats; a zero has no sign, because Q4_0 and Q5_0 are summed here and multiplied there. */
    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i] + 0f));
        return bits;
    }

    @Test
    void readsEveryBlockAsTheReferenceDoes() throws IOException {
        Set<DType> seen = EnumSet.noneOf(DType.class);
        for (Golden g : goldens()) {
            float[] out = new float[g.type.blockElements()];
            Dequantize.blocks(g.type, MemorySegment.ofArray(g.block), 0, 1, out, 0);
            assertThat(bits(out)).as(g.type.name()).isEqualTo(g.floatBits);
            seen.add(g.type);
        }
        assertThat(seen).isEqualTo(EnumSet.allOf(DType.class));
    }

    /** Rows, block ranges inside a row and an offset in the output all land on the same values. */
    @ParameterizedTest
    @EnumSource
    void readsPartsOfRows(DType type) throws IOException {
        List<Golden> blocks = goldens().stream()
                .filter(g -> g.type == type)
                .limit(type.blockElements() == 256 ? 2 : 4)
                .toList();
        int n = type.blockElements();
        int cols = blocks.size() / 2 * n; // two rows
        ByteBuffer data = ByteBuffer.allocate(blocks.size() * type.blockBytes());
        blocks.forEach(g -> data.put(g.block));
        FloatTensor t = new FloatTensor(type, 2, cols, MemorySegment.ofArray(data.array()));
        int[] all = bits(t.toFloats());
        for (int b = 0; b < blocks.size(); b++) {
            assertThat(Arrays.copyOfRange(all, b * n, b * n + n))
                    .as("block %d", b)
                    .isEqualTo(blocks.get(b).floatBits);
        }
        float[] last = new float[n + 3];
        Dequantize.row(t, 1, cols - n, cols, last, 3);
        assertThat(Arrays.copyOfRange(bits(last), 3, n + 3)).isEqualTo(blocks.getLast().floatBits);
        assertThat(Arrays.copyOf(last, 3)).containsOnly(0f);
    }

    @Test
    void refusesRangesThatCutBlocks() {
        FloatTensor t = new FloatTensor(DType.Q8_0, 1, 64, MemorySegment.ofArray(new byte[68]));
        assertThatThrownBy(() -> Dequantize.row(t, 0, 16, 64, new float[64], 0)).isInstanceOf(TensorException.class);
        assertThatThrownBy(() -> DType.Q6_K.rowBytes(100)).isInstanceOf(TensorException.class);
    }
}
