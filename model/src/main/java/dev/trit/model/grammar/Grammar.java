package dev.trit.model.grammar;

import dev.trit.model.Constraint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The texts that may be said, as rules that may call each other. Immutable.
 *
 * <pre>
 * TokenTrie trie = TokenTrie.of(model);                       // once for a model
 * Constraint constraint = Grammar.jsonSchema(schema).constrain(trie); // once for a schema
 * engine.submit(Request.of(prompt, sampling).withConstraint(constraint));
 * </pre>
 */
public final class Grammar {
    private final Map<String, Expr> rules;
    private final String root;

    Grammar(Map<String, Expr> rules, String root) {
        this.rules = rules;
        this.root = root;
    }

    Map<String, Expr> rules() {
        return rules;
    }

    String root() {
        return root;
    }

    /**
     * Reads a grammar in GBNF, the notation of llama.cpp: rules {@code name ::= ...} with literals in quotes, character
     * classes {@code [a-z]} and {@code [^"]}, {@code .}, groups, alternatives, {@code * + ? {m,n}} and comments after
     * {@code #}. The text is what the rule {@code root} says.
     *
     * @throws dev.trit.model.ModelException naming the line, if it cannot be read or calls a rule that does not exist
     */
    public static Grammar gbnf(String text) {
        return new GbnfParser(text).parse();
    }

    /** Any JSON object. */
    public static Grammar jsonObject() {
        return new JsonGrammar().object();
    }

    /**
     * JSON that a schema accepts, properties in the order in which the schema names them. Where {@code
     * additionalProperties} is absent, no other properties are said than those it names, if it names any.
     *
     * @throws dev.trit.model.ModelException naming the place, if the schema asks for what is not supported, contradicts
     *     itself, or can only be met by infinite texts
     */
    public static Grammar jsonSchema(JsonNode schema) {
        return new SchemaReader(schema).grammar();
    }

    /** The same for a schema's text. @throws dev.trit.model.ModelException also if that is not JSON */
    public static Grammar jsonSchema(String schema) {
        return jsonSchema(SchemaReader.parse(schema));
    }

    /** The same with fixed texts around it: the tags that a chat template puts around a tool call, say. */
    public Grammar between(String before, String after) {
        Map<String, Expr> all = new LinkedHashMap<>(rules);
        String name = "around " + root;
        all.put(name, new Expr.Seq(List.of(new Expr.Literal(before), new Expr.Rule(root), new Expr.Literal(after))));
        return new Grammar(all, name);
    }

    /**
     * The same as sets of tokens.
     *
     * @throws dev.trit.model.ModelException if a rule calls itself before it says anything (left recursion), if no finite
     *     text exists, or if the grammar is too large
     */
    public Constraint constrain(TokenTrie tokens) {
        return new GrammarConstraint(new Configurations(new Automaton(this)), tokens);
    }
}
