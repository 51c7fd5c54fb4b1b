package dev.trit.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.train.TrainException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {
    @TempDir
    Path folder;

    private RunLog run(String name, String size, int steps, double offset) throws IOException {
        Path path = Files.createDirectories(folder.resolve(name));
        try (MetricsFile metrics = new MetricsFile(path.resolve("metrics.jsonl"))) {
            MadeUpRun.tell(metrics, MadeUpRun.recipe(size), 0, steps, offset);
        }
        return RunLog.read(path);
    }

    @Test
    void aRunIsReadAsItWasTold() throws IOException {
        RunLog run = run("a", "1m", 40, 0);
        assertThat(run.recipe()).isEqualTo(MadeUpRun.recipe("1m"));
        assertThat(run.steps()).hasSize(40);
        assertThat(run.steps().get(9).tokens()).isEqualTo(10 * 8192);
        assertThat(run.validations()).hasSize(4);
        assertThat(run.codes()).hasSize(8);
        assertThat(run.codes().getFirst().codes().getFirst().zero()).isEqualTo(0.4);
        assertThat(run.samples().getFirst().prompt()).isEqualTo("Once <upon>");
        assertThat(run.end()).isEqualTo("stopped");
    }

    @Test
    void thePageNeedsNothingElseAndIsWellFormed() throws Exception {
        String page = Report.html(List.of(run("a", "1m", 200, 0), run("b & <c>", "5m", 60, 0.3)));
        assertThat(page).doesNotContain("http", "<script", "<link", "src=", "url(", "@import", "NaN", "Infinity");
        assertThat(page)
                .contains("b &amp; &lt;c&gt;", "prefers-color-scheme: dark", "Once &lt;upon&gt;", "&quot;then&quot;")
                .contains("Where the recipes differ", "model.hidden", "What they share");
        // Element by element, all but the head's void tags is XML.
        String body =
                page.substring(page.indexOf("<body>"), page.indexOf("</html>")).replace("&minus;", "-");
        Document parsed = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(body)));
        assertThat(parsed.getElementsByTagName("svg").getLength()).isEqualTo(6);
        NodeList lines = parsed.getElementsByTagName("polyline");
        assertThat(lines.getLength()).isEqualTo(2 * 8);
        for (int i = 0; i < lines.getLength(); i++) {
            String points = lines.item(i).getAttributes().getNamedItem("points").getNodeValue();
            for (String point : points.trim().split(" ")) {
                assertThat(Double.parseDouble(point.split(",")[0])).isBetween(63.9, 708.1);
                assertThat(Double.parseDouble(point.split(",")[1])).isBetween(13.9, 260.1);
            }
        }
        assertThat(parsed.getElementsByTagName("tr").getLength()).isGreaterThan(40);
    }

    @Test
    void aLongRunMakesASmallPage() throws IOException {
        assertThat(Report.html(List.of(run("long", "1m", 20_000, 0))).length()).isLessThan(600_000);
    }

    @Test
    void runsThatHaveJustBegunAreShownAndThoseThatHaveNotAreNamed() throws IOException {
        Path path = Files.createDirectories(folder.resolve("young"));
        try (MetricsFile metrics = new MetricsFile(path.resolve("metrics.jsonl"))) {
            metrics.started(MadeUpRun.recipe("1m"), 0, 10, 1);
        }
        Files.writeString(path.resolve("metrics.jsonl"), "{\"event\":\"st", java.nio.file.StandardOpenOption.APPEND);
        assertThat(Report.html(List.of(RunLog.read(path)))).contains("running").doesNotContain("<svg");
        assertThatThrownBy(() -> RunLog.read(folder))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("not the folder of a run");
        Files.writeString(path.resolve("metrics.jsonl"), "no JSON\n{}\n");
        assertThatThrownBy(() -> RunLog.read(path)).hasMessageContaining("metrics.jsonl: line 1 is damaged");
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1,1",
        "7.62345,7.623",
        "0.0123456,0.01235",
        "0.00003,3e-05",
        "123.45,123.5",
        "8192,8192",
        "12288,12.3 K",
        "30000000,30 M",
        "1.5e9,1.5 G",
        "-2.5,-2.5",
        "100,100"
    })
    void numbersAreShort(double value, String text) {
        assertThat(Html.number(value)).isEqualTo(text);
    }

    @Test
    void ticksAreRound() {
        assertThat(Chart.ticks(0, 10, 5)).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0, 10.0);
        assertThat(Chart.ticks(0.9, 7.3, 6)).containsExactly(2.0, 4.0, 6.0);
        assertThat(Chart.decades(-1.2, 0.4)).containsExactly(0.1, 0.2, 0.5, 1.0, 2.0);
        assertThat(Chart.decades(-4.5, 0)).containsExactly(1e-4, 1e-3, 1e-2, 1e-1, 1.0);
    }
}
