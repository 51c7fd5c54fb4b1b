package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real vocabularies of LLaMA-3, LLaMA-2, GPT-2 and SmolLM2 against recorded ids and counts. */
class SharedVocabulariesTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static String wikitext() throws IOException {
        return Files.readString(Shared.file("eval/wikitext-2-raw.test.txt"));
    }

    @Test
    void llama3FromTokenizerJson() throws IOException {
        Path file = Shared.file("tokenizers/llama3/tokenizer.json");
        Vocabulary vocabulary = Vocabulary.fromTokenizerJson(file);
        assertThat(vocabulary.preTokenizer().name()).isEqualTo("llama-bpe");
        assertThat(vocabulary.special().bos()).isEqualTo(128000);
        assertThat(vocabulary.special().endOfGeneration()).containsExactly(128001, 128009);
        assertThat(vocabulary.chatTemplate()).contains("<|start_header_id|>");
        Tokenizer tokenizer = Tokenizer.of(vocabulary);
        LlamaCppVectorsTest.checkAll(
                tokenizer,
                Shared.file("tokenizers/vectors")
                        .resolve("ggml-vocab-llama-bpe.gguf")
                        .toString());
        String text = wikitext();
        int[] ids = tokenizer.encode(text, false, false);
        assertThat(ids).hasSize(289_076);
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
        assertThat(tokenizer.encode("<|begin_of_text|>Hi<|eot_id|>", false, true))
                .containsExactly(128000, 13347, 128009);
        assertThat(tokenizer.encode("<|eot_id|>", false, false)).doesNotContain(128009);
    }

    @Test
    void llama3FromGgufWithoutPreTokenizerAsInTheOfficialFile() throws IOException {
        Map<String, Object> metadata = Vocabulary.fromTokenizerJson(Shared.file("tokenizers/llama3/tokenizer.json"))
                .toGguf();
        metadata.remove("tokenizer.ggml.pre");
        metadata.remove("tokenizer.ggml.add_bos_token");
        Vocabulary vocabulary = Vocabulary.fromGguf(metadata);
        assertThat(vocabulary.preTokenizer()).isEqualTo(PreTokenizer.named("llama-bpe"));
        assertThat(vocabulary.warnings()).singleElement().asString().contains("tokenizer.ggml.pre is missing");
        Tokenizer tokenizer = Tokenizer.of(vocabulary);
        LlamaCppVectorsTest.checkAll(
                tokenizer,
                Shared.file("tokenizers/vectors")
                        .resolve("ggml-vocab-llama-bpe.gguf")
                        .toString());
        assertThat(tokenizer.encode("Hi", true, false)).containsExactly(128000, 13347);
    }

    @Test
    void llama3FromRanks() throws IOException {
        Path file = Shared.file("tokenizers/llama3/tokenizer.tiktoken");
        Vocabulary vocabulary = Vocabulary.fromTiktoken(
                Files.readAllBytes(file),
                PreTokenizer.named("llama-bpe"),
                List.of("<|begin_of_text|>", "<|end_of_text|>"));
        assertThat(vocabulary.tokens().size()).isEqualTo(128_002);
        assertThat(Tokenizer.of(vocabulary).encode(wikitext(), false, false)).hasSize(289_076);
    }

    @Test
    void llama2FromSentencePiece() throws IOException {
        Path file = Shared.file("tokenizers/llama2-sentencepiece/tokenizer.model");
        Tokenizer tokenizer = Tokenizer.of(Vocabulary.fromSentencePiece(Files.readAllBytes(file)));
        LlamaCppVectorsTest.checkAll(
                tokenizer,
                Shared.file("tokenizers/vectors")
                        .resolve("ggml-vocab-llama-spm.gguf")
                        .toString());
        String text = wikitext();
        int[] ids = tokenizer.encode(text, false, false);
        assertThat(ids).hasSize(335_687);
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
    }

    @Test
    void gpt2FromMergesAndEncoder() throws IOException {
        JsonNode encoder = JSON.readTree(Files.readAllBytes(Shared.file("tokenizers/gpt2/encoder.json")));
        String[] texts = new String[encoder.size()];
        encoder.properties().forEach(e -> texts[e.getValue().intValue()] = e.getKey());
        List<String> merges = new ArrayList<>(Files.readAllLines(Shared.file("tokenizers/gpt2/vocab.bpe")));
        merges.removeFirst(); // the version
        int[] types = new int[texts.length];
        java.util.Arrays.fill(types, 1);
        types[50256] = 3;
        Vocabulary vocabulary = Vocabulary.fromGguf(Map.of(
                "tokenizer.ggml.model", "gpt2",
                "tokenizer.ggml.pre", "gpt-2",
                "tokenizer.ggml.tokens", texts,
                "tokenizer.ggml.merges", merges,
                "tokenizer.ggml.token_type", types));
        assertThat(Tokenizer.of(vocabulary).encode(wikitext(), false, false)).hasSize(286_221);
    }

    @Test
    void smollm2GivesTheIdsOfTransformers() throws IOException {
        Path file = Shared.file("models/smollm2-135m-instruct.q4_1.gguf");
        Tokenizer tokenizer = Tokenizer.of(Vocabulary.fromGguf(GgufMetadata.of(file)));
        JsonNode reference = JSON.readTree(Files.readAllBytes(Shared.file("models/smollm2.reference.json")));
        JsonNode cases = reference.path("tokenizer");
        assertThat(cases.size()).isPositive();
        for (JsonNode one : cases) {
            int[] ids = JSON.treeToValue(one.path("ids"), int[].class);
            assertThat(tokenizer.encode(one.path("text").asString(), true, true))
                    .isEqualTo(ids);
            assertThat(tokenizer.decode(ids, true).getBytes(StandardCharsets.UTF_8))
                    .isEqualTo(one.path("text").asString().getBytes(StandardCharsets.UTF_8));
        }
        for (JsonNode one : reference.path("greedy")) {
            assertThat(tokenizer.encode(one.path("prompt").asString(), true, true))
                    .isEqualTo(JSON.treeToValue(one.path("prompt_ids"), int[].class));
        }
        assertThat(tokenizer.encode(wikitext(), false, false))
                .hasSize(reference.path("wikitext_tokens").asInt());
        assertThat(tokenizer.isEndOfGeneration(2)).isTrue();
    }
}
