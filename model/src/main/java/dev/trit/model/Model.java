package dev.trit.model;

import dev.trit.format.Checkpoint;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.KvType;
import dev.trit.tensor.PackedMemory;
import dev.trit.tensor.ThreadTeam;
import dev.trit.text.ChatMessage;
import dev.trit.text.ChatTemplate;
import dev.trit.text.SpecialTokens;
import dev.trit.text.TextException;
import dev.trit.text.Tokenizer;
import dev.trit.text.Vocabulary;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model: shape, weights, tokenizer. Immutable and shared by any number of {@link Session}s, which must be done
 * before it is closed.
 */
public final class Model implements AutoCloseable {
    private final String name;
    private final Config config;
    private final Weights weights;
    private final Kernels kernels;
    private final ThreadTeam team;
    private final Arena arena;
    private final int contextLength;
    private final KvType kv;
    private final List<String> warnings;
    private final Checkpoint checkpoint; // closed: what it read of the tokenizer stays
    private @Nullable Tokenizer tokenizer; // made when first asked for
    private @Nullable ChatTemplate chatTemplate; // likewise

    private Model(
            String name,
            Config config,
            Weights weights,
            Kernels kernels,
            ThreadTeam team,
            Arena arena,
            int contextLength,
            KvType kv,
            List<String> warnings,
            Checkpoint checkpoint) {
        this.name = name;
        this.config = config;
        this.weights = weights;
        this.kernels = kernels;
        this.team = team;
        this.arena = arena;
        this.contextLength = contextLength;
        this.kv = kv;
        this.warnings = warnings;
        this.checkpoint = checkpoint;
    }

    /** Loads with {@link LoadOptions#defaults()}. */
    public static Model load(Path path) {
        return load(path, LoadOptions.defaults());
    }

    /**
     * Loads a model: a GGUF file, a safetensors file or a Hugging Face directory.
     *
     * @throws dev.trit.format.FormatException if a file cannot be read or is damaged
     * @throws ModelException if it is of a kind that is not supported, or contradicts itself
     * @throws dev.trit.tensor.TensorException if the kernels asked for cannot run here
     */
    public static Model load(Path path, LoadOptions options) {
        Kernels kernels = KernelsProvider.choose(options.kernels());
        ThreadTeam team = new ThreadTeam(options.threads());
        Arena arena = Arena.ofShared();
        PackedMemory memory = new PackedMemory(arena);
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            List<String> warnings = new ArrayList<>(checkpoint.warnings());
            Config config = Config.of(checkpoint);
            Weights weights = WeightsLoader.load(checkpoint, config, kernels, arena, memory, team, warnings);
            weights = weights.with(Head.screen(options.head(), weights.head(), kernels, memory, team));
            String name = new Metadata(checkpoint)
                    .string("general.name", String.valueOf(path.toAbsolutePath().getFileName()));
            int contextLength = options.contextLength() > 0 ? options.contextLength() : config.contextLength();
            KvType kv = options.kv() != null ? options.kv() : KvType.F32;
            return new Model(name, config, weights, kernels, team, arena, contextLength, kv, warnings, checkpoint);
        } catch (RuntimeException | Error e) {
            arena.close();
            team.close();
            throw e;
        }
    }

    /** {@code general.name}, or the name of the file. */
    public String name() {
        return name;
    }

    public Config config() {
        return config;
    }

    public Weights weights() {
        return weights;
    }

    public Kernels kernels() {
        return kernels;
    }

    /** How the output head is read where a token is chosen. */
    public Head head() {
        return weights.screen() == null ? Head.EXACT : Head.SCREENED;
    }

    /** How sessions hold keys and values. */
    public KvType kv() {
        return kv;
    }

    /** Bytes of keys and values of one position. */
    public long kvBytesPerPosition() {
        return KvPool.pageBytes(config, kv) / KvPool.PAGE;
    }

    /** The threads that compute; sessions take turns on it. */
    public ThreadTeam team() {
        return team;
    }

    /** What is odd about the files, tokenizer included, but does not stop the model from running, one sentence each. */
    public List<String> warnings() {
        List<String> all = new ArrayList<>(warnings);
        try {
            all.addAll(tokenizer().vocabulary().warnings());
            int ids = tokenizer().vocabularySize();
            if (ids > config.vocab()) {
                all.add("the tokenizer has %d tokens, the model only %d".formatted(ids, config.vocab()));
            }
        } catch (ModelException | TextException e) {
            all.add(String.valueOf(e.getMessage()));
        }
        return all;
    }

    /**
     * The tokenizer that came with the weights.
     *
     * @throws ModelException if none did
     * @throws TextException if it is damaged or not understood
     */
    public synchronized Tokenizer tokenizer() {
        if (tokenizer == null) {
            tokenizer = Tokenizer.of(VocabularyLoader.load(checkpoint));
        }
        return tokenizer;
    }

    /** Positions of a session that is not told otherwise. */
    public int contextLength() {
        return contextLength;
    }

    /** An empty session with the context of {@link LoadOptions#contextLength}. */
    public Session session() {
        return session(contextLength);
    }

    /** An empty session. @param contextLength positions it can hold; memory is taken as they fill */
    public Session session(int contextLength) {
        return new Session(this, contextLength);
    }

    /** How this model wants a conversation written. @throws TextException if the template it carries is damaged */
    public synchronized ChatTemplate chatTemplate() {
        if (chatTemplate == null) {
            Vocabulary vocabulary = tokenizer().vocabulary();
            chatTemplate = ChatTemplate.forModel(
                    config.architecture(),
                    vocabulary.chatTemplate(),
                    written(vocabulary.special().bos()),
                    written(vocabulary.special().eos()));
        }
        return chatTemplate;
    }

    private String written(int id) {
        return id == SpecialTokens.NONE ? "" : new String(tokenizer().tokenBytes(id), StandardCharsets.UTF_8);
    }

    /**
     * The tokens of a conversation, up to where the assistant begins to answer.
     *
     * @throws TextException if the template refuses the conversation
     */
    public int[] encode(List<ChatMessage> messages) {
        String rendered = chatTemplate().render(messages);
        return tokenizer().encode(rendered, !chatTemplate().startsWithBos(rendered), true);
    }

    /** A new conversation. */
    public Chat chat() {
        return new Chat(session());
    }

    /** A new conversation in which the model is told who it is. */
    public Chat chat(String system) {
        return chat().add(ChatMessage.system(system));
    }

    /**
     * Continues {@code prompt} in a session of its own.
     *
     * @param prompt text; control tokens written in it count as such
     * @param onText receives text as it becomes certain, in whole characters
     * @throws ModelException if the prompt does not fit the context
     */
    public Generation generate(String prompt, Sampling sampling, Consumer<String> onText) {
        try (Session session = session()) {
            return new Generator(session, tokenizer().encode(prompt, true, true), sampling).run(onText);
        }
    }

    /**
     * Continues {@code prompt} token by token, as the stream is read. Close the stream where it is left early.
     *
     * @param prompt as in {@link #generate}
     */
    public Stream<Token> stream(String prompt, Sampling sampling) {
        Session session = session();
        Generator generator = new Generator(session, tokenizer().encode(prompt, true, true), sampling);
        return Stream.iterate(generator.next(), Objects::nonNull, t -> generator.next())
                .map(Objects::requireNonNull)
                .onClose(session::close);
    }

    /** Unmaps the weights and ends the threads. */
    @Override
    public void close() {
        team.close();
        arena.close();
    }
}
