package dev.reinstate.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTextTest {
    private static final TableName POST = new TableName("public", "post");

    @Test
    void readsEveryForm() {
        assertThat(RuleText.parse("tenant id")).contains(new TableRule.TenantTable("id"));
        assertThat(RuleText.parse(" column  \"site id\" ")).contains(new TableRule.ByColumn("site id"));
        assertThat(RuleText.parse("path a, b -> public.post")).contains(new TableRule.ByPath(List.of("a", "b"), POST));
        assertThat(RuleText.parse("path code -> public.post (code)"))
                .contains(new TableRule.ByPath(List.of("code"), POST, List.of("code")));
        assertThat(RuleText.parse("path a -> public.New One"))
                .contains(new TableRule.ByPath(List.of("a"), new TableName("public", "New One")));
        assertThat(RuleText.parse("path a -> public.post  else path b, c -> \"public.x else path y\" (d, e)"))
                .contains(new TableRule.ByPaths(List.of(
                        new TableRule.ByPath(List.of("a"), POST),
                        new TableRule.ByPath(
                                List.of("b", "c"), new TableName("public", "x else path y"), List.of("d", "e")))));
        assertThat(RuleText.parse("schema")).contains(new TableRule.BySchema());
    }

    @Test
    void typesAreReadAsRubyAndPhpWriteThem() {
        TableRule rule = new TableRule.ByType(
                "owner_type",
                "owner_id",
                new TreeMap<>(Map.of(
                        "Post",
                        POST,
                        "Blog::Post",
                        POST,
                        "App\\Models\\Post",
                        POST,
                        "a, b: \"c\"",
                        new TableName("public", "we, ird"))));
        String text = "type owner_type, owner_id -> App\\Models\\Post: public.post, Blog::Post: public.post,"
                + " Post: public.post, \"a, b: \"\"c\"\"\": \"public.we, ird\"";
        assertThat(RuleText.of(rule)).isEqualTo(text);
        assertThat(RuleText.parse(text)).contains(rule);
        assertThat(RuleText.parse("type a,b->Post:public.post,\"App\\User\":public.post"))
                .contains(new TableRule.ByType("a", "b", new TreeMap<>(Map.of("Post", POST, "App\\User", POST))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "belongs to site",
                "column",
                "column a b",
                "column \"a",
                "path a",
                "path -> public.post",
                "path a, -> public.post",
                "path a -> \"public.post\" x",
                "type a -> Post: public.post",
                "path a else path b -> public.post",
                "path a -> public.post else path b",
                "type a, b -> Post",
                "type a, b -> Post: public.post,, Page: public.post",
                "type a, b -> Post: public.post, Post: public.page",
            })
    void whatIsNoRuleIsNone(String text) {
        assertThat(RuleText.parse(text)).isEmpty();
    }

    @Test
    void everyRuleIsReadBackAsItWas() {
        long seed = Long.getLong("reinstate.seed", System.nanoTime());
        OddRules odd = new OddRules(seed);
        for (int i = 0; i < 5_000; i++) {
            TableRule rule = odd.rule();
            assertThat(RuleText.parse(RuleText.of(rule)))
                    .as("rule %s of -Dreinstate.seed=%s: %s", i, seed, RuleText.of(rule))
                    .contains(rule);
        }
    }
}
