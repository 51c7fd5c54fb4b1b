package dev.trit.model;

import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A conversation. Each turn is rendered with the model's chat template as a whole, but only what the session has not
 * seen yet is computed. Belongs to one thread, {@link #cancel} apart.
 */
public final class Chat implements AutoCloseable {
    private final Model model;
    private final Session session;
    private final List<ChatMessage> messages = new ArrayList<>();
    private volatile @Nullable Generator answering;

    private @Nullable Speculator speculator;

    /** @param session taken over: closed with this chat */
    public Chat(Session session) {
        this.model = session.model();
        this.session = session;
    }

    /** Guesses while it answers from now on; null for a token at a time. It stays the caller's. */
    public Chat speculate(@Nullable Speculator speculator) {
        this.speculator = speculator;
        return this;
    }

    /** What has been said, first to last. */
    public List<ChatMessage> messages() {
        return List.copyOf(messages);
    }

    public Session session() {
        return session;
    }

    /** Puts a message into the conversation without an answer: a system message, an earlier conversation. */
    public Chat add(ChatMessage message) {
        messages.add(message);
        return this;
    }

    /** Replaces the system message, or takes it away where {@code text} is empty. The conversation goes on. */
    public void setSystem(String text) {
        messages.removeIf(message -> message.role().equals("system"));
        if (!text.isEmpty()) {
            messages.addFirst(ChatMessage.system(text));
        }
    }

    /** Forgets everything but the system message. */
    public void reset() {
        messages.removeIf(message -> !message.role().equals("system"));
    }

    /**
     * Says something and hears the answer, which becomes part of the conversation, also if it was cut short.
     *
     * @param onText receives the answer as it becomes certain, in whole characters
     * @throws ModelException if the conversation does not fit the context; it is as before then
     * @throws dev.trit.text.TextException if the template refuses the conversation
     */
    public Generation say(String text, Sampling sampling, Consumer<String> onText) {
        messages.add(ChatMessage.user(text));
        Generation answer = null;
        try {
            Generator generator = new Generator(session, model.encode(messages), sampling, null, speculator);
            answering = generator;
            answer = generator.run(onText);
            messages.add(ChatMessage.assistant(answer.text()));
            return answer;
        } finally {
            answering = null;
            if (answer == null) {
                messages.removeLast();
            }
        }
    }

    /** Ends the answer that is being given, if any; from any thread. */
    public void cancel() {
        Generator generator = answering;
        if (generator != null) {
            generator.cancel();
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
