use crate::scene::Scene;
const _: fn(crate::scene::Place) -> Scene = Scene::new;
