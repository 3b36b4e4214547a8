package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({
        "BlogPosts,blog post",
        "tbl_blog_post,blog post",
        "people,person",
        "HTTPRequests,http request",
        "statuses,status",
        "categories,category",
        "addresses,address",
        "t,t",
        "AccessPolicy,access policy"
    })
    void ofAThingAreInTheSingular(String name, String words) {
        assertThat(Words.of(name)).hasToString(words);
    }

    @ParameterizedTest
    @CsvSource({
        "site_id,site,true",
        "organizationId,organization,true",
        "tenant_id_id,tenant,true",
        "fk_site,site,false",
        "account_uuid,account,true",
        "id,'',false",
        "site,site,false"
    })
    void ofAColumnAreWhatItRefersTo(String column, String words, boolean namesAKey) {
        assertThat(Words.referredTo(column)).hasToString(words);
        assertThat(Words.namesAKey(column)).isEqualTo(namesAKey);
    }
}
