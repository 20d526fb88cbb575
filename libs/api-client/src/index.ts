export { API_PREFIX, isPlainPath, isPrivatePath, serviceOfPath, type Service } from './routes.js';
