package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** llama.cpp's own tokenizer vectors: text and ids, one case after the other. */
class LlamaCppVectorsTest {
    private static final int CASES = 46;

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "falcon", "llama-spm", "phi-3"})
    void vocabulariesInGgufFilesGiveTheRecordedIds(String name) throws IOException {
        Path file = Shared.file("tokenizers/vectors/ggml-vocab-" + name + ".gguf");
        checkAll(Tokenizer.of(Vocabulary.fromGguf(GgufMetadata.of(file))), file.toString());
    }

    static void checkAll(Tokenizer tokenizer, String vectors) throws IOException {
        String[] inputs = Files.readString(Path.of(vectors + ".inp")).split("\n__ggml_vocab_test__\n", -1);
        List<String> outputs = Files.readAllLines(Path.of(vectors + ".out"));
        assertThat(outputs).hasSize(CASES);
        assertThat(inputs).hasSize(CASES + 1); // nothing after the last separator
        for (int i = 0; i < CASES; i++) {
            int[] expected = Arrays.stream(outputs.get(i).strip().split(" "))
                    .filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            assertThat(tokenizer.encode(inputs[i], false, false))
                    .as("%s case %d: %s", vectors, i, inputs[i])
                    .isEqualTo(expected);
            assertThat(tokenizer.decode(expected)).isEqualTo(inputs[i]);
        }
    }
}
