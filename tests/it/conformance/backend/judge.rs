//! What requests and answers may not be: against the schema of EWS, or the OpenAPI document of Graph.

use super::Backend;
use crate::openapi::Judge;

impl Backend {
    /// What was against a schema, in requests and answers.
    pub(in crate::conformance) fn violations(&self) -> Vec<String> {
        let side = |is_answer: bool| if is_answer { "answer" } else { "request" };
        let on_ews = self.simulator.violations().into_iter().map(|violation| {
            let (operation, problem) = (violation.operation, violation.problem);
            let side = side(violation.answer);
            format!("{operation} {side}: {problem}\n{}", violation.envelope)
        });
        let exchanges = self.simulator.exchanges();
        let on_graph = Judge::find().into_iter().flat_map(|judge| {
            let findings = exchanges.iter().flat_map(|one| judge.judge(one));
            findings.map(|finding| {
                let side = side(finding.is_answer);
                let (operation, problem) = (finding.operation, finding.problem);
                format!("{operation} {side}: {problem}\n{}", finding.text)
            })
        });
        on_ews.chain(on_graph).collect()
    }
}
