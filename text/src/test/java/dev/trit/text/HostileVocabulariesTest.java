package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and unsupported vocabularies give one TextException that says what is wrong. */
class HostileVocabulariesTest {
    private static Map<String, Object> valid() {
        return Vocabulary.fromTokenizerJson(GoldenTokenizersTest.tokenizerJson("llama-bpe"), null)
                .toGguf();
    }

    private static List<?> list(Map<String, Object> metadata, String key) {
        return (List<?>) Objects.requireNonNull(metadata.get("tokenizer.ggml." + key));
    }

    private static void refused(String key, @Nullable Object value, String... says) {
        Map<String, Object> metadata = new HashMap<>(valid());
        if (value == null) {
            metadata.remove("tokenizer.ggml." + key);
        } else {
            metadata.put("tokenizer.ggml." + key, value);
        }
        assertThatThrownBy(() -> Tokenizer.of(Vocabulary.fromGguf(metadata)))
                .isInstanceOf(TextException.class)
                .hasMessageContainingAll(says);
    }

    @Test
    void ggufMetadataIsCheckedKeyByKey() {
        refused("model", null, "tokenizer.ggml.model is missing");
        refused("model", "bert", "\"bert\"", "expected gpt2");
        refused("model", 3, "Integer", "expected a string");
        refused("pre", "nonesuch", "\"nonesuch\" is not known", "llama-bpe");
        refused("tokens", List.of(), "tokens is missing or empty");
        refused("tokens", List.of("a", 3), "tokens[1] is Integer");
        refused("tokens", 7, "expected an array");
        refused("token_type", new int[] {1, 1}, "an array of 2", "expected one number for each");
        refused("token_type", "x", "String");
        refused("merges", null, "merges is missing");
        Object first = list(valid(), "merges").getFirst();
        refused("merges", List.of(first, "ab"), "merge 1 is \"ab\"");
        refused("merges", List.of("a "), "merge 0");
        refused("merges", List.of(first, "nonesuch x"), "merge 1 \"nonesuch x\"", "not in the vocabulary");
        refused("merges", List.of("x".repeat(100_000) + " y"), "merge 0");
        refused("bos_token_id", "one", "bos_token_id is String");
        refused("add_bos_token", 1, "expected true or false");
        refused("precompiled_charsmap", new byte[] {1}, "character maps");
    }

    @Test
    void anIdOutsideTheVocabularyIsTakenAsAbsentWithAWarning() {
        Map<String, Object> metadata = new HashMap<>(valid());
        metadata.put("tokenizer.ggml.eos_token_id", 4_294_967_295L);
        Vocabulary vocabulary = Vocabulary.fromGguf(metadata);
        assertThat(vocabulary.special().eos()).isEqualTo(SpecialTokens.NONE);
        assertThat(vocabulary.warnings()).singleElement().asString().contains("eos_token_id is 4294967295");
    }

    @Test
    void arraysOfAnyKindAreRead() {
        Map<String, Object> metadata = new HashMap<>(valid());
        List<Object> types = new ArrayList<>();
        for (int type : (int[]) Objects.requireNonNull(metadata.get("tokenizer.ggml.token_type"))) {
            types.add((long) type);
        }
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.tokens", list(metadata, "tokens").toArray(new String[0]));
        metadata.put("tokenizer.ggml.bos_token_id", 3L);
        Vocabulary vocabulary = Vocabulary.fromGguf(metadata);
        assertThat(vocabulary.special().bos()).isEqualTo(3);
        assertThat(vocabulary.tokens().texts())
                .isEqualTo(Vocabulary.fromGguf(valid()).tokens().texts());
    }

    @Test
    void aMissingPreTokenizerIsTheDefaultWithAWarning() {
        Map<String, Object> metadata = new HashMap<>(valid());
        metadata.remove("tokenizer.ggml.pre");
        Vocabulary vocabulary = Vocabulary.fromGguf(metadata);
        assertThat(vocabulary.preTokenizer()).isEqualTo(PreTokenizer.named("default"));
        assertThat(vocabulary.warnings()).singleElement().asString().contains("tokenizer.ggml.pre is missing");
    }

    @Test
    void mutatedSentencePieceModelsGiveNothingButTextException() {
        Random random = new Random(7);
        int refused = 0;
        for (String name : List.of("sample-bpe.model", "sample-unigram.model")) {
            byte[] model = GoldenTokenizersTest.resource(name);
            for (int i = 0; i < 3000; i++) {
                byte[] mutated = model.clone();
                for (int n = random.nextInt(4); n >= 0; n--) {
                    mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
                }
                if (random.nextInt(8) == 0) {
                    mutated = java.util.Arrays.copyOf(mutated, random.nextInt(mutated.length));
                }
                try {
                    Tokenizer.of(Vocabulary.fromSentencePiece(mutated)).encode("the weight <mask> \u91cf", true, true);
                } catch (TextException e) {
                    refused++;
                }
            }
        }
        assertThat(refused).isBetween(500, 5900);
    }

    @Test
    void mutatedTokenizerJsonGivesNothingButTextException() {
        Random random = new Random(8);
        byte[] json = GoldenTokenizersTest.tokenizerJson("llama-bpe");
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] mutated = json.clone();
            // the settings stand at both ends; the middle is vocabulary and merges
            int at = random.nextBoolean() ? random.nextInt(mutated.length) : random.nextInt(2000);
            mutated[at] = (byte) "\"{}[],:0a\\".charAt(random.nextInt(10));
            try {
                Tokenizer.of(Vocabulary.fromTokenizerJson(mutated, null)).encode("the weight", true, true);
            } catch (TextException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(300, 999);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            "normalizer":null ; "normalizer":{"type":"Lowercase"} ; normalizer Lowercase
            "pre_tokenizer":{ ; "pre_tokenizer":{"type":"Whitespace"},"was":{ ; pre_tokenizer Whitespace
            "Isolated" ; "Removed" ; behavior Removed
            \\p{L}+ ; \\p{Greek}+ ; \\p{Greek}
            "byte_fallback":false ; "continuing_subword_prefix":"##" ; continuing_subword_prefix
            "type":"BPE" ; "type":"WordPiece" ; WordPiece
            "dropout":null ; "dropout":0.1 ; dropout
            "post_processor":null ; "post_processor":{"type":"BertProcessing"} ; BertProcessing
            """)
    void whatIsNotUnderstoodIsRefusedByName(String part, String instead, String says) {
        String json = new String(GoldenTokenizersTest.tokenizerJson("llama-bpe"), StandardCharsets.UTF_8);
        String from = part.replace("\\p", "\\\\p");
        assertThat(json).contains(from);
        byte[] changed = json.replace(from, instead.replace("\\p", "\\\\p")).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Vocabulary.fromTokenizerJson(changed, null))
                .isInstanceOf(TextException.class)
                .hasMessageContaining(says);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAA=", "AAA= x\n", "AAA= 1\n", " 0\n", "!!!! 0\n", "AAA= 0\nAAE= 0\n"})
    void rankFilesAreCheckedLineByLine(String file) {
        assertThatThrownBy(() -> Vocabulary.fromTiktoken(
                        file.getBytes(StandardCharsets.UTF_8), PreTokenizer.named("llama-bpe"), List.of()))
                .isInstanceOf(TextException.class);
    }
}
