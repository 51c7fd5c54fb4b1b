package dev.trit.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import picocli.CommandLine.Option;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Facts for programs: {@code --json} prints records as JSON, names in snake case. */
public final class JsonOption {
    @Option(names = "--json", description = "Print JSON.")
    public boolean json;

    /**
     * Pretty-printed, without a newline at the end; record components become {@code snake_case} members in order,
     * those that are null left out.
     */
    public static String text(Object facts) {
        return JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .changeDefaultPropertyInclusion(v -> v.withValueInclusion(JsonInclude.Include.NON_NULL))
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(facts);
    }
}
