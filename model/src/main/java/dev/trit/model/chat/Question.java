package dev.trit.model.chat;

import dev.trit.model.Sampling;
import dev.trit.text.ChatMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ChatEngine} is asked.
 *
 * @param messages the conversation, at least one message
 * @param sampling how to choose the words of the answer
 * @param tools functions that may be called
 * @param schema a JSON schema that the answer must follow, or null for anything; calls that are forced go before
 */
public record Question(
        List<ChatMessage> messages,
        Sampling sampling,
        Tools tools,
        @Nullable String schema) {
    public Question {
        messages = List.copyOf(messages);
    }

    /** One message of the user's. */
    public static Question of(String text) {
        return of(List.of(ChatMessage.user(text)));
    }

    /** A conversation. */
    public static Question of(List<ChatMessage> messages) {
        return new Question(messages, Sampling.defaults(), Tools.none(), null);
    }

    public Question withSampling(Sampling value) {
        return new Question(messages, value, tools, schema);
    }

    public Question withTools(Tools value) {
        return new Question(messages, sampling, value, schema);
    }

    public Question withSchema(@Nullable String value) {
        return new Question(messages, sampling, tools, value);
    }
}
