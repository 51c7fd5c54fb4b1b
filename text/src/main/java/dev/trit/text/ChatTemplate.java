package dev.trit.text;

import dev.trit.text.internal.jinja.Template;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model wants a conversation written: a template in the Jinja dialect of Hugging Face ({@code chat_template}),
 * rendered as transformers renders it. Immutable.
 */
public final class ChatTemplate {
    /**
     * BitNet b1.58 2B4T as its authors' code writes it: no newline between turns. The template inside the released GGUF
     * file is wrong ("Human: ...BITNETAssistant:") and the figure of the technical report shows line breaks that the code
     * does not make.
     */
    private static final String BITNET = "{% for message in messages %}{% if loop.first %}{{ bos_token }}{% endif %}"
            + "{{ message['role'] | capitalize + ': ' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ 'Assistant: ' }}{% endif %}";

    private static final String CHATML = "{% for message in messages %}"
            + "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private static final String LLAMA3 = "{% for message in messages %}{% if loop.first %}{{ bos_token }}{% endif %}"
            + "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim"
            + " + '<|eot_id|>' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

    private static final String LLAMA2 = "{% set ns = namespace(system='') %}{% for message in messages %}"
            + "{% if message['role'] == 'system' %}"
            + "{% set ns.system = '<<SYS>>\n' + message['content'] + '\n<</SYS>>\n\n' %}"
            + "{% elif message['role'] == 'user' %}"
            + "{{ bos_token + '[INST] ' + ns.system + message['content'] | trim + ' [/INST]' }}{% set ns.system = '' %}"
            + "{% else %}{{ ' ' + message['content'] | trim + ' ' + eos_token }}{% endif %}{% endfor %}";

    /** For base models, which know no turns: a line for each, named by its role. */
    private static final String PLAIN = "{% for message in messages %}"
            + "{{ message['role'] | capitalize + ': ' + message['content'] | trim + '\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

    private static final Map<String, String> BUILT_IN =
            Map.of("bitnet", BITNET, "chatml", CHATML, "llama-3", LLAMA3, "llama-2", LLAMA2, "plain", PLAIN);

    private final String source;
    private final Template template;
    private final String bos;
    private final String eos;
    private final List<String> warnings;

    private ChatTemplate(String source, String bos, String eos, Clock clock, List<String> warnings) {
        this.source = source;
        this.template = Template.parse(source, clock);
        this.bos = bos;
        this.eos = eos;
        this.warnings = List.copyOf(warnings);
    }

    /**
     * @param source the template
     * @param bos what {@code bos_token} stands for, empty if the model has none
     * @param eos what {@code eos_token} stands for, empty if the model has none
     * @throws TextException if the template cannot be parsed, with the line
     */
    public static ChatTemplate of(String source, String bos, String eos) {
        return new ChatTemplate(source, bos, eos, Clock.systemDefaultZone(), List.of());
    }

    /** As {@link #of(String, String, String)}, reading the time for {@code strftime_now} from a clock. */
    public static ChatTemplate of(String source, String bos, String eos, Clock clock) {
        return new ChatTemplate(source, bos, eos, clock, List.of());
    }

    /**
     * A template that is part of Trit.
     *
     * @param name {@code bitnet}, {@code chatml}, {@code llama-2}, {@code llama-3} or {@code plain}
     * @throws TextException if there is none of that name
     */
    public static ChatTemplate builtIn(String name, String bos, String eos) {
        String source = BUILT_IN.get(name);
        if (source == null) {
            throw new TextException("no built-in chat template named '%s': there are %s"
                    .formatted(name, BUILT_IN.keySet().stream().sorted().toList()));
        }
        return of(source, bos, eos);
    }

    /**
     * The template for a model: the one it carries, unless that is missing or known to be wrong.
     *
     * @param architecture GGUF's {@code general.architecture}
     * @param embedded the template the model carries, or null
     * @throws TextException if the embedded template cannot be parsed
     */
    public static ChatTemplate forModel(String architecture, @Nullable String embedded, String bos, String eos) {
        List<String> warnings = new ArrayList<>();
        String source = embedded;
        boolean wrong = embedded != null && (embedded.contains("BITNETAssistant") || embedded.contains("Human: "));
        if (architecture.startsWith("bitnet") && wrong) {
            warnings.add("the chat template inside the file is known to be wrong: using the built-in 'bitnet' instead");
            source = BITNET;
        } else if (embedded == null || embedded.isBlank()) {
            boolean llama3 = bos.equals("<|begin_of_text|>");
            String name = architecture.startsWith("bitnet") && llama3 ? "bitnet" : llama3 ? "llama-3" : "plain";
            warnings.add("the model carries no chat template: using the built-in '" + name + "'");
            source = BUILT_IN.get(name);
        }
        return new ChatTemplate(source == null ? PLAIN : source, bos, eos, Clock.systemDefaultZone(), warnings);
    }

    /** The template's text. */
    public String source() {
        return source;
    }

    /** What was odd about the model's own template; empty if nothing. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * The conversation as text, up to where the assistant begins to answer.
     *
     * @throws TextException as {@link #render(List, List, boolean, Map)}
     */
    public String render(List<ChatMessage> messages) {
        return render(messages, null, true, Map.of());
    }

    /**
     * The conversation as text. It contains the special tokens the template writes, the beginning of sequence too where
     * it does ({@link #startsWithBos}), so encode it with special tokens parsed.
     *
     * @param messages the turns, first to last
     * @param tools descriptions of functions the model may call, or null for none
     * @param addGenerationPrompt whether to end with the beginning of an assistant's turn
     * @param extra further variables the template may read, such as {@code enable_thinking}
     * @throws TextException if the template fails or refuses the conversation, with its own words
     */
    public String render(
            List<ChatMessage> messages, @Nullable List<?> tools, boolean addGenerationPrompt, Map<String, ?> extra) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("messages", messages.stream().map(ChatMessage::toMap).toList());
        data.put("tools", tools);
        data.put("documents", null);
        data.put("bos_token", bos);
        data.put("eos_token", eos);
        data.put("add_generation_prompt", addGenerationPrompt);
        data.putAll(extra);
        return template.render(data);
    }

    /** Whether a rendered conversation already begins with the beginning-of-sequence token. */
    public boolean startsWithBos(String rendered) {
        return !bos.isEmpty() && rendered.startsWith(bos);
    }
}
