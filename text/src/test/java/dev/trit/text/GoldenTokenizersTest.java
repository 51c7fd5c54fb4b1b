package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Small vocabularies against the ids that Hugging Face's and Google's tokenizers give (make_tokenizer_goldens.py). */
class GoldenTokenizersTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode GOLDENS = JSON.readTree(resource("goldens.json"));

    static byte[] resource(String name) {
        try (InputStream in = GoldenTokenizersTest.class.getResourceAsStream("/tokenizers/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** The sample vocabulary with the normalizer and pre-tokenizer of that golden, as a tokenizer.json. */
    static byte[] tokenizerJson(String name) {
        JsonNode golden = GOLDENS.path("byte_level").path(name);
        ObjectNode file = (ObjectNode) JSON.readTree(resource("sample-bytes.json"));
        file.set("normalizer", golden.path("normalizer"));
        file.set("pre_tokenizer", golden.path("pre_tokenizer"));
        ((ObjectNode) file.path("model")).set("ignore_merges", golden.path("ignore_merges"));
        return JSON.writeValueAsBytes(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "gpt-2-prefix", "llama-bpe", "smollm", "qwen2", "tekken", "falcon"})
    void byteLevelIdsAreThoseOfHuggingFace(String name) {
        Vocabulary vocabulary = Vocabulary.fromTokenizerJson(tokenizerJson(name), null);
        assertThat(vocabulary.preTokenizer().name()).isEqualTo(name.replace("-prefix", ""));
        check(Tokenizer.of(vocabulary), GOLDENS.path("byte_level").path(name).path("ids"));
        // and again after a trip through the writer
        Vocabulary written =
                Vocabulary.fromTokenizerJson(vocabulary.toTokenizerJson(), vocabulary.toTokenizerConfigJson());
        check(Tokenizer.of(written), GOLDENS.path("byte_level").path(name).path("ids"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpe", "unigram"})
    void sentencePieceIdsAreThoseOfGoogle(String kind) {
        Vocabulary vocabulary = Vocabulary.fromSentencePiece(resource("sample-" + kind + ".model"));
        check(Tokenizer.of(vocabulary), GOLDENS.path("sentencepiece").path(kind));
    }

    @Test
    void sentencePieceBpeSurvivesGgufAndTokenizerJson() {
        Vocabulary vocabulary = Vocabulary.fromSentencePiece(resource("sample-bpe.model"));
        JsonNode ids = GOLDENS.path("sentencepiece").path("bpe");
        check(Tokenizer.of(Vocabulary.fromGguf(vocabulary.toGguf())), ids);
        Vocabulary json =
                Vocabulary.fromTokenizerJson(vocabulary.toTokenizerJson(), vocabulary.toTokenizerConfigJson());
        assertThat(json.merges()).isNotEmpty();
        check(Tokenizer.of(json), ids);
        check(Tokenizer.of(Vocabulary.fromGguf(json.toGguf())), ids); // scores made from merges
    }

    private static void check(Tokenizer tokenizer, JsonNode expected) {
        JsonNode texts = GOLDENS.path("texts");
        assertThat(expected.size()).isEqualTo(texts.size()).isGreaterThan(90);
        boolean byteLevel = tokenizer.vocabulary().kind() == Vocabulary.Kind.BYTE_BPE;
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).asString();
            int[] ids = JSON.treeToValue(expected.get(i), int[].class);
            int[] got = tokenizer.encode(text, false, byteLevel);
            assertThat(got).as("case %d: %s", i, text).isEqualTo(ids);
            assertThat(tokenizer.encode(text.getBytes(StandardCharsets.UTF_8), false, byteLevel))
                    .isEqualTo(ids);
        }
    }

    @Test
    void brokenUtf8BecomesReplacementCharactersWherePythonPutsThem() {
        JsonNode cases = GOLDENS.path("broken_utf8");
        assertThat(cases.size()).isEqualTo(200);
        for (JsonNode one : cases) {
            byte[] bytes = Base64.getDecoder().decode(one.get(0).asString());
            String expected = one.get(1).asString();
            assertThat(Utf8.decode(bytes)).isEqualTo(expected);
            Utf8Stream stream = new Utf8Stream();
            StringBuilder streamed = new StringBuilder();
            for (byte b : bytes) {
                streamed.append(stream.append(new byte[] {b}));
            }
            assertThat(streamed.append(stream.flush()).toString()).isEqualTo(expected);
            assertThat(stream.append(bytes) + stream.flush()).isEqualTo(expected);
        }
    }
}
