package dev.trit.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.trit.model.Model;
import dev.trit.model.chat.Tools;
import dev.trit.text.TextException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Counts tokens with the model's own tokenizer and chat template: no estimate. */
public final class TritTokenCountEstimator implements TokenCountEstimator {
    private final Model model;

    /** @param model stays the caller's */
    public TritTokenCountEstimator(Model model) {
        this.model = model;
    }

    /** Without the token that begins a text. */
    @Override
    public int estimateTokenCountInText(String text) {
        return model.tokenizer().encode(text, false, false).length;
    }

    /** What the message adds to a conversation; its text alone, where the template takes no such message at that place. */
    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        var one = Requests.message(message);
        var before = List.of(
                dev.trit.text.ChatMessage.system("."),
                dev.trit.text.ChatMessage.user("."),
                dev.trit.text.ChatMessage.assistant("."));
        int end = switch (one.role()) {
            case "system" -> 0;
            case "user" -> 1;
            default -> 2;
        };
        List<dev.trit.text.ChatMessage> with = new ArrayList<>(before.subList(0, end));
        with.add(one);
        try {
            int without = end == 0 ? 0 : count(before.subList(0, end));
            return count(with) - without;
        } catch (TextException e) {
            return estimateTokenCountInText(one.content() == null ? "" : one.content());
        }
    }

    /** The prompt they make, up to where the assistant begins to answer. */
    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        List<dev.trit.text.ChatMessage> all = new ArrayList<>();
        messages.forEach(message -> all.add(Requests.message(message)));
        return all.isEmpty() ? 0 : count(all);
    }

    private int count(List<dev.trit.text.ChatMessage> messages) {
        return Tools.none().encode(model, messages, Map.of()).length;
    }
}
