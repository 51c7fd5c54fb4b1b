package dev.trit.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trit.model.Logprob;
import dev.trit.model.Token;
import dev.trit.text.Tokenizer;
import dev.trit.text.Utf8Stream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tokens and their log-probabilities in the two shapes of the OpenAI protocol. */
final class TokenTexts {
    private final Tokenizer tokenizer;

    TokenTexts(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The token's own text; one that is only part of a character is written {@code bytes:\xe2\x82}. */
    String text(int id) {
        byte[] bytes = tokenizer.tokenBytes(id);
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            StringBuilder text = new StringBuilder("bytes:");
            for (byte b : bytes) {
                text.append("\\x%02x".formatted(b & 0xFF));
            }
            return text.toString();
        }
    }

    /** For {@code choices[].logprobs.content} of a chat: one token. */
    Map<String, @Nullable Object> chat(Token token) {
        Map<String, @Nullable Object> entry = chat(token.id(), token.logprob());
        List<Object> top = new ArrayList<>();
        for (Logprob other : token.top()) {
            top.add(chat(other.id(), other.value()));
        }
        entry.put("top_logprobs", top);
        return entry;
    }

    private Map<String, @Nullable Object> chat(int id, double logprob) {
        List<Integer> bytes = new ArrayList<>();
        for (byte b : tokenizer.tokenBytes(id)) {
            bytes.add(b & 0xFF);
        }
        return Json.object("token", text(id), "logprob", finite(logprob), "bytes", bytes);
    }

    /**
     * For {@code choices[].logprobs} of a completion: parallel lists.
     *
     * @param top whether alternatives were asked for
     * @param offset characters before the first token
     */
    Map<String, @Nullable Object> completion(List<Token> tokens, boolean top, int offset) {
        List<String> texts = new ArrayList<>();
        List<@Nullable Double> values = new ArrayList<>();
        List<@Nullable Object> tops = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        Utf8Stream characters = new Utf8Stream();
        int at = offset;
        for (Token token : tokens) {
            texts.add(text(token.id()));
            offsets.add(at);
            at += characters.append(tokenizer, token.id()).length();
            boolean first = Double.isNaN(token.logprob()); // nothing comes before it
            values.add(first ? null : finite(token.logprob()));
            tops.add(first || !top ? null : best(token));
        }
        return Json.object("tokens", texts, "token_logprobs", values, "top_logprobs", tops, "text_offset", offsets);
    }

    /** The alternatives and the token itself. */
    private Map<String, Double> best(Token token) {
        Map<String, Double> best = new LinkedHashMap<>();
        for (Logprob other : token.top()) {
            best.putIfAbsent(text(other.id()), finite(other.value()));
        }
        best.putIfAbsent(text(token.id()), finite(token.logprob()));
        return best;
    }

    /** JSON has no infinity: a token that cannot be gets OpenAI's figure for that. */
    private static double finite(double logprob) {
        return Double.isFinite(logprob) ? logprob : -9999.0;
    }
}
