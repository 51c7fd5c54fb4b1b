package dev.trit.hub;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which files of a repository make a model.
 *
 * @param file the GGUF file to load, or empty for a checkpoint: then it is the folder that is loaded
 * @param all every file that belongs to it
 */
record FileChoice(String file, List<RepoFile> all) {
    /** Kinds that Trit runs, best first: ternary before 8-bit before the rest. */
    private static final List<String> PREFERENCE = List.of(
            "i2_s", "tq2_0", "tq1_0", "q2_0", "iq2_bn", "iq1_bn", "tl2", "tl1", "q8_0", "q6_k", "q5_k_m", "q5_k_s",
            "q4_k_m", "q4_k_s", "q4_1", "q4_0", "bf16", "f16", "f32");

    /** What a checkpoint needs beside its weights. */
    private static final Set<String> COMPANIONS = Set.of(
            "config.json",
            "generation_config.json",
            "model.safetensors.index.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja");

    private static final Pattern SPLIT = Pattern.compile("(.*)-\\d{5}-of-\\d{5}\\.gguf");

    FileChoice {
        all = List.copyOf(all);
    }

    /**
     * Chooses by the name's selector, or else what Trit runs best.
     *
     * @param where what the files are of, for the message
     * @throws HubException if nothing fits, with what there is
     */
    static FileChoice of(ModelName name, List<RepoFile> files, String where) {
        Map<String, List<RepoFile>> models = ggufs(files);
        if (name.selector() != null) {
            return selected(name.selector(), models, files, where);
        }
        if (models.isEmpty()) {
            return checkpoint(files, where);
        }
        return gguf(models.entrySet().stream()
                .min(Comparator.comparingInt(model -> rank(model.getKey())))
                .orElseThrow()
                .getValue());
    }

    private static FileChoice selected(
            String selector, Map<String, List<RepoFile>> models, List<RepoFile> files, String where) {
        for (List<RepoFile> parts : models.values()) {
            if (parts.stream().anyMatch(part -> part.path().equals(selector))) {
                return gguf(parts);
            }
        }
        List<Map.Entry<String, List<RepoFile>>> fitting = models.entrySet().stream()
                .filter(model -> isKind(model.getKey(), selector))
                .toList();
        if (fitting.size() == 1) {
            return gguf(fitting.getFirst().getValue());
        }
        if (fitting.size() > 1) {
            throw new HubException(where + ": '" + selector + "' fits several files, name one: "
                    + fitting.stream().map(Map.Entry::getKey).collect(Collectors.joining(", ")));
        }
        if (files.stream().anyMatch(file -> file.path().equals(selector) && file.isSafetensors())) {
            return checkpoint(
                    files.stream()
                            .filter(f -> !f.isSafetensors() || f.path().equals(selector))
                            .toList(),
                    where);
        }
        String there = models.isEmpty() ? "it holds no GGUF file" : "it holds " + String.join(", ", models.keySet());
        throw new HubException(where + ": no file fits '" + selector + "'; " + there);
    }

    private static FileChoice gguf(List<RepoFile> parts) {
        return new FileChoice(parts.getFirst().path(), parts);
    }

    private static FileChoice checkpoint(List<RepoFile> files, String where) {
        List<RepoFile> weights = files.stream()
                .filter(file -> file.isSafetensors() && !file.path().contains("/"))
                .toList();
        boolean named = weights.stream().anyMatch(file -> file.path().startsWith("model"));
        List<RepoFile> chosen = new ArrayList<>(weights.stream()
                .filter(file -> !named || file.path().startsWith("model"))
                .toList());
        if (chosen.isEmpty() || files.stream().noneMatch(file -> file.path().equals("config.json"))) {
            throw new HubException(where
                    + ": no model that Trit reads (a GGUF file, or safetensors with config.json); it"
                    + " holds " + files.stream().map(RepoFile::path).limit(12).collect(Collectors.joining(", "))
                    + (files.size() > 12 ? ", ..." : ""));
        }
        files.stream().filter(file -> COMPANIONS.contains(file.path())).forEach(chosen::addFirst);
        return new FileChoice("", chosen);
    }

    /** GGUF models by name; the parts of one that was split belong together. */
    private static Map<String, List<RepoFile>> ggufs(List<RepoFile> files) {
        Map<String, List<RepoFile>> models = new LinkedHashMap<>();
        files.stream()
                .filter(file -> file.isGguf() && !file.path().contains("mmproj"))
                .sorted(Comparator.comparing(RepoFile::path))
                .forEach(file -> {
                    Matcher split = SPLIT.matcher(file.path());
                    String name = split.matches() ? split.group(1) + ".gguf" : file.path();
                    models.computeIfAbsent(name, n -> new ArrayList<>()).add(file);
                });
        return models;
    }

    private static int rank(String model) {
        for (int i = 0; i < PREFERENCE.size(); i++) {
            if (isKind(model, PREFERENCE.get(i))) {
                return i;
            }
        }
        return PREFERENCE.size();
    }

    /** Whether a file is of a kind: {@code x-i2_s.gguf} and {@code x.I2_S.gguf} are of kind i2_s. */
    private static boolean isKind(String model, String kind) {
        String name = model.toLowerCase(Locale.ROOT).replaceFirst("\\.gguf$", "");
        return name.matches("(.*[-._/])?" + Pattern.quote(kind.toLowerCase(Locale.ROOT)) + "([-./].*)?");
    }
}
