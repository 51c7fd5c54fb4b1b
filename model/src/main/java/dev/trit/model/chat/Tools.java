package dev.trit.model.chat;

import dev.trit.model.Constraint;
import dev.trit.model.Model;
import dev.trit.model.ModelException;
import dev.trit.model.grammar.Grammar;
import dev.trit.model.grammar.GrammarCache;
import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The functions a model may call, and whether it must.
 *
 * @param functions name to description as OpenAI writes it: {@code {"type": "function", "function": {"name",
 *     "description", "parameters"}}}; empty if there are none or none may be called
 * @param forced the model has to call one of them
 */
public record Tools(Map<String, JsonNode> functions, boolean forced) {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    public Tools {
        functions = Collections.unmodifiableMap(new LinkedHashMap<>(functions));
    }

    public static Tools none() {
        return new Tools(Map.of(), false);
    }

    /**
     * The same with one function more.
     *
     * @param parameters the JSON schema of its arguments, an object's; null if it takes none
     * @throws ModelException if {@code parameters} is not JSON
     */
    public Tools with(String name, @Nullable String description, @Nullable String parameters) {
        ObjectNode function = MAPPER.createObjectNode().put("name", name);
        if (description != null) {
            function.put("description", description);
        }
        JsonNode schema = parameters == null ? null : ToolCall.parseOrNull(parameters);
        if (parameters != null && (schema == null || !schema.isObject())) {
            throw new ModelException(
                    "the parameters of function %s are not a JSON schema: %s".formatted(name, parameters));
        }
        function.set(
                "parameters",
                schema != null ? schema : MAPPER.createObjectNode().put("type", "object"));
        Map<String, JsonNode> all = new LinkedHashMap<>(functions);
        all.put(name, MAPPER.createObjectNode().put("type", "function").set("function", function));
        return new Tools(all, forced);
    }

    /** The same, to be called or not. */
    public Tools withForced(boolean value) {
        return new Tools(functions, value);
    }

    public boolean isEmpty() {
        return functions.isEmpty();
    }

    /**
     * The tokens of a conversation in the model's own chat format, up to where the assistant begins to answer. Templates
     * that know tools are given them; for others they are described in the system message, and calls and results become
     * text.
     *
     * @param variables what the template may read beside the conversation
     * @throws dev.trit.text.TextException if the template refuses the conversation
     */
    public int[] encode(Model model, List<ChatMessage> messages, Map<String, ?> variables) {
        var template = model.chatTemplate();
        String rendered = knownTo(model)
                ? template.render(messages, plain(), true, variables)
                : template.render(written(messages), null, true, variables);
        return model.tokenizer().encode(rendered, !template.startsWithBos(rendered), true);
    }

    /**
     * That the answer is a call of one of the functions, with arguments that its parameters allow.
     *
     * @throws ModelException if a schema of parameters cannot be followed
     */
    public Constraint call(Model model, GrammarCache grammars) {
        List<Object> calls = new ArrayList<>();
        functions.forEach((name, tool) -> {
            JsonNode parameters = tool.path("function").path("parameters");
            Object arguments = parameters.isObject() ? parameters : Map.of("type", "object");
            Map<String, Object> properties = new LinkedHashMap<>(); // the name goes first
            properties.put("name", Map.of("const", name));
            properties.put("arguments", arguments);
            calls.add(Map.of(
                    "type",
                    "object",
                    "properties",
                    properties,
                    "required",
                    List.of("name", "arguments"),
                    "additionalProperties",
                    false));
        });
        String schema = MAPPER.writeValueAsString(Map.of("anyOf", calls));
        boolean marked = !knownTo(model) || model.chatTemplate().source().contains("<tool_call>");
        return grammars.get("call " + marked + schema, () -> {
            Grammar grammar = Grammar.jsonSchema(schema);
            return marked ? grammar.between("<tool_call>\n", "\n</tool_call>") : grammar;
        });
    }

    private static boolean knownTo(Model model) {
        return model.chatTemplate().source().contains("tools");
    }

    /** For templates: the tools as plain maps, or null for none. */
    private @Nullable List<?> plain() {
        List<Object> plain = new ArrayList<>();
        functions.values().forEach(tool -> plain.add(MAPPER.convertValue(tool, Object.class)));
        return plain.isEmpty() ? null : plain;
    }

    /** The conversation for a template that knows no tools: calls and results become text of ordinary messages. */
    private List<ChatMessage> written(List<ChatMessage> messages) {
        List<ChatMessage> plain = new ArrayList<>();
        for (ChatMessage message : messages) {
            String content = message.content() == null ? "" : message.content();
            if (message.role().equals("tool")) {
                plain.add(ChatMessage.user("<tool_response>\n" + content + "\n</tool_response>"));
            } else if (message.fields().get("tool_calls") instanceof List<?> calls) {
                StringBuilder text = new StringBuilder(content);
                for (Object call : calls) {
                    Object function = Objects.requireNonNull(((Map<?, ?>) call).get("function"));
                    text.append(text.isEmpty() ? "" : "\n")
                            .append("<tool_call>\n" + MAPPER.writeValueAsString(function) + "\n</tool_call>");
                }
                plain.add(ChatMessage.assistant(text.toString()));
            } else {
                plain.add(new ChatMessage(message.role(), content));
            }
        }
        if (!isEmpty()) {
            boolean system = !plain.isEmpty() && plain.getFirst().role().equals("system");
            String before = system ? plain.removeFirst().content() + "\n\n" : "";
            plain.addFirst(ChatMessage.system(before + instructions()));
        }
        return plain;
    }

    /** For models whose template knows no tools: what to put into the system message, in the manner of Hermes. */
    private String instructions() {
        StringBuilder text = new StringBuilder(
                "You can call functions. Each line between <tools> and </tools> describes one:\n<tools>\n");
        functions
                .values()
                .forEach(tool -> text.append(MAPPER.writeValueAsString(tool.get("function")))
                        .append('\n'));
        return text.append(
                        "</tools>\nTo call a function, answer with its name and arguments as JSON, in this form only:\n")
                .append("<tool_call>\n{\"name\": \"FUNCTION\", \"arguments\": {...}}\n</tool_call>")
                .toString();
    }
}
